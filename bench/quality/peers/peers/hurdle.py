"""Two stages: P(buys) times the spend of those who buy. The boosting package is the peer's own matter."""

from dataclasses import dataclass
from typing import Any, Callable, Protocol

import numpy as np
import pandas as pd

from .exchange import Fold
from .inputs import DataChoice, Output

HeldOut = tuple[pd.DataFrame, np.ndarray] | None


class Stage(Protocol):
    """A fitted booster; scores are P(buys) or the spend in the regression's own scale."""

    trees: int

    def scores(self, table: pd.DataFrame) -> np.ndarray: ...


@dataclass(frozen=True)
class FittedHurdle:
    classifier: Stage
    regressor: Stage
    to_currency: Callable[[np.ndarray], np.ndarray]

    @property
    def length(self) -> dict[str, int]:
        return {"classifier": self.classifier.trees, "regressor": self.regressor.trees}

    def predict(self, table: pd.DataFrame) -> Output:
        probability = self.classifier.scores(table)
        spend = np.maximum(self.to_currency(self.regressor.scores(table)), 0)
        return Output(probability * spend, probability)


class Hurdle:
    """spend "log": squared error of log spend, brought back with a smearing factor (Duan 1983, as a ratio)."""

    name: str
    packages: list[str]
    configurations: list[dict]

    def choices(self, fold: Fold) -> list[DataChoice]:
        return DataChoice.among(fold)

    def fit_classifier(self, table, target, configuration: dict, seed: int, held_out: HeldOut, trees) -> Stage:
        raise NotImplementedError

    def fit_regressor(self, table, target, configuration: dict, seed: int, held_out: HeldOut, trees) -> Stage:
        """configuration["spend"] says whether target is a log."""
        raise NotImplementedError

    def fit(self, table, target, configuration: dict, seed: int, *, held_out: HeldOut = None, length: Any = None):
        in_logs = configuration["spend"] == "log"

        def buyers(rows: pd.DataFrame, spend: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
            buys = spend > 0
            return rows[buys], np.log(spend[buys]) if in_logs else spend[buys]

        length = length or {"classifier": None, "regressor": None}
        bought = held_out and (held_out[0], (held_out[1] > 0).astype(int))
        classifier = self.fit_classifier(
            table, (target > 0).astype(int), configuration, seed, bought, length["classifier"]
        )
        rows, spend = buyers(table, target)
        regressor = self.fit_regressor(
            rows, spend, configuration, seed, held_out and buyers(*held_out), length["regressor"]
        )
        if not in_logs:
            return FittedHurdle(classifier, regressor, lambda scores: scores)
        smearing = float(np.exp(spend).sum() / np.exp(regressor.scores(rows)).sum())
        return FittedHurdle(classifier, regressor, lambda scores: np.exp(scores) * smearing)
