"""LightGBM with the Tweedie objective: one booster for zeros and amounts together."""

from .inputs import DataChoice, Output
from .learned import LearnedPeer, sampled
from .lightgbm_common import SPACE, fit_booster


class FittedTweedie:
    def __init__(self, booster):
        self.booster = booster
        self.length = booster.trees

    def predict(self, table) -> Output:
        return Output(self.booster.scores(table))


class LightgbmTweedie:
    name = "lightgbm_tweedie"
    packages = ["lightgbm"]
    configurations = sampled({"variance_power": [1.5, 1.2, 1.35, 1.7], **SPACE}, 16)

    def choices(self, fold) -> list[DataChoice]:
        return DataChoice.among(fold)

    def fit(self, table, target, configuration, seed, *, held_out=None, length=None) -> FittedTweedie:
        objective = {"objective": "tweedie", "tweedie_variance_power": configuration["variance_power"]}
        return FittedTweedie(fit_booster(table, target, objective, configuration, seed, held_out, length))


PEERS = [LearnedPeer(LightgbmTweedie())]
