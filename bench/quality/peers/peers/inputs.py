"""From the exported rows to what a learned peer reads, for any horizon."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .exchange import Fold

PRIOR_COLUMNS = ["prior_logit", "prior_log_value"]
HORIZON_COLUMN = "log_horizon"


@dataclass(frozen=True)
class Output:
    """What a peer says of rows, in currency; where it has no distribution, the rest is None."""

    expected: np.ndarray
    probability: np.ndarray | None = None
    sigma: np.ndarray | None = None


@dataclass(frozen=True)
class DataChoice:
    """What is learnt from, a part of the search. rows: newest (window), longest (horizon's windows), all (windows)."""

    rows: str
    target: str

    @staticmethod
    def among(fold: Fold) -> list["DataChoice"]:
        """
        Amounts of all windows only where the test's horizon was learnt: with old customers in short windows alone, a
        model confuses age with horizon, and no validation at a learnt horizon tells.
        """
        choices = [DataChoice("newest", "amount"), DataChoice("all", "rate")]
        longest = fold.training["horizon_days"].max()
        if fold.horizon_days <= longest:
            choices.append(DataChoice("all", "amount"))
        if (fold.training["horizon_days"] == longest).sum() > len(fold.training[fold.training["newest"] == 1]):
            choices.append(DataChoice("longest", "amount"))
        return choices

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        if self.rows == "newest":
            return rows[rows["newest"] == 1]
        if self.rows == "longest":
            return rows[rows["horizon_days"] == rows["horizon_days"].max()]
        return rows


class Horizons:
    """
    A peer is asked at the nearest horizon that it has learnt, and its answer is carried on to the wanted one: expected
    value in proportion to the days, P(buys) as of purchases at a constant rate. The prior's two inputs are carried
    back by the same rule, so that they look as they did in training. target "rate" brings labels to the days of the
    longest horizon before learning.
    """

    def __init__(self, learnt: pd.DataFrame, target: str):
        self.shortest = float(learnt["horizon_days"].min())
        self.longest = float(learnt["horizon_days"].max())
        self.is_rate = target == "rate"

    def _asked(self, rows: pd.DataFrame) -> np.ndarray:
        return rows["horizon_days"].clip(self.shortest, self.longest).to_numpy(dtype=float)

    def targets(self, rows: pd.DataFrame) -> np.ndarray:
        """Net spend, 0 where returns outweigh purchases: none of the losses knows negative labels."""
        spend = rows["label"].clip(lower=0).to_numpy(dtype=float)
        return spend * self.longest / rows["horizon_days"].to_numpy() if self.is_rate else spend

    def inputs(self, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        asked = self._asked(rows)
        table = rows[columns + PRIOR_COLUMNS].astype(float)
        carried = asked / rows["horizon_days"].to_numpy()
        logit = table["prior_logit"].to_numpy()
        # log P(no purchase) is proportional to the days.
        no_purchase = -np.logaddexp(0, logit) * carried
        log_buys, log_buys_before = np.log(-np.expm1(no_purchase)), -np.logaddexp(0, -logit)
        table["prior_logit"] = np.where(carried == 1, logit, log_buys - no_purchase)
        table["prior_log_value"] += np.where(carried == 1, 0, log_buys_before + np.log(carried) - log_buys)
        table[HORIZON_COLUMN] = np.log(asked)
        return table

    def outputs(self, output: Output, rows: pd.DataFrame) -> Output:
        days = rows["horizon_days"].to_numpy(dtype=float)
        carried = days / self._asked(rows)
        expected = np.maximum(output.expected, 0) * (days / self.longest if self.is_rate else carried)
        probability = output.probability
        if probability is not None:
            probability = 1 - (1 - np.clip(probability, 1e-6, 1 - 1e-6)) ** carried
        return Output(expected, probability, output.sigma)


def usable_columns(fold: Fold, learnt: pd.DataFrame) -> list[str]:
    """
    Features that vary in the rows to learn from, less those whose test values all lie outside of what was learnt (the
    time of year, where the windows do not go round the year): there a model can only invent.
    """
    names = []
    for name in fold.feature_names:
        known, asked = learnt[name].dropna(), fold.test[name].dropna()
        if known.nunique() < 2 or asked.empty:
            continue
        if asked.min() > known.max() or asked.max() < known.min():
            continue
        names.append(name)
    return names


class NetworkScaler:
    """
    Signed log1p of whatever goes beyond 10, then standardised, held within 5 deviations, missing at the mean with a
    flag: what networks need and trees do not. The prior's inputs and the horizon are logs already.
    """

    def __init__(self, table: pd.DataFrame):
        already_logs = {*PRIOR_COLUMNS, HORIZON_COLUMN}
        self.logged = [name for name in table if name not in already_logs and table[name].abs().max() > 10]
        self.flagged = [name for name in table if table[name].isna().any() and not table[name].isna().all()]
        logged = self._log(table)
        self.mean = logged.mean()
        self.deviation = logged.std(ddof=0)
        self.kept = [name for name in table if self.deviation[name] > 1e-9]

    def _log(self, table: pd.DataFrame) -> pd.DataFrame:
        table = table.copy()
        table[self.logged] = np.sign(table[self.logged]) * np.log1p(table[self.logged].abs())
        return table

    def __call__(self, table: pd.DataFrame) -> np.ndarray:
        standard = ((self._log(table) - self.mean) / self.deviation)[self.kept].clip(-5, 5).fillna(0)
        flags = table[self.flagged].isna().astype(float)
        return np.concatenate([standard.to_numpy(), flags.to_numpy()], axis=1).astype(np.float32)
