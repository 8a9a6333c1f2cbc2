"""Ranks that any analyst has in a minute, each in currency; nothing is fitted but a mean."""

import numpy as np
import pandas as pd

from .exchange import Fold

# A rate over fewer days would multiply one first order by the horizon.
SHORTEST_AGE_DAYS = 30


class NaiveRank:
    seeds_matter = False
    packages = ["pandas"]

    def __init__(self, name: str):
        self.name = name

    def prepare(self, fold: Fold) -> dict:
        return {"configuration": {"shortest_age_days": SHORTEST_AGE_DAYS} if self.name == "spend_rate" else {}}

    def predict(self, fold: Fold, prepared: dict, seed: int) -> tuple[pd.DataFrame, dict]:
        expected = getattr(self, f"_{self.name}")(fold)
        rows = {"fit": len(fold.newest) if self.name == "mean" else len(fold.test)}
        return pd.DataFrame({"expected_value": np.maximum(expected, 0)}), {"rows": rows}

    @staticmethod
    def _observed_days(fold: Fold) -> float:
        """From the first purchase of all to the as-of date: the calibration period."""
        return float(fold.test["f_age_days"].max())

    def _total_spend(self, fold: Fold) -> pd.Series:
        return fold.test["f_total_spend"] * fold.horizon_days / self._observed_days(fold)

    def _spend_rate(self, fold: Fold) -> pd.Series:
        age = fold.test["f_age_days"].clip(lower=SHORTEST_AGE_DAYS)
        return fold.test["f_total_spend"] * fold.horizon_days / age

    def _repeat_spend(self, fold: Fold) -> pd.Series:
        repeat = fold.test["f_repeat_mean_value"].fillna(0) * fold.test["f_repeat_days"]
        return repeat * fold.horizon_days / self._observed_days(fold)

    def _mean(self, fold: Fold) -> np.ndarray:
        """The same for everybody: the newest closed window's mean label a day, times the horizon."""
        a_day = fold.newest["label"].mean() / fold.newest["horizon_days"].iloc[0]
        return np.full(len(fold.test), a_day * fold.horizon_days)


PEERS = [NaiveRank(name) for name in ("total_spend", "spend_rate", "repeat_spend", "mean")]
