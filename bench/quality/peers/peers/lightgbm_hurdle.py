"""LightGBM in two stages."""

from .hurdle import Hurdle
from .learned import LearnedPeer, sampled
from .lightgbm_common import SPACE, fit_booster

SPEND_OBJECTIVES = {"log": "regression", "gamma": "gamma", "amount": "regression"}


class LightgbmHurdle(Hurdle):
    name = "lightgbm_hurdle"
    packages = ["lightgbm"]
    configurations = sampled({"spend": list(SPEND_OBJECTIVES), **SPACE}, 14)

    def fit_classifier(self, table, target, configuration, seed, held_out, trees):
        return fit_booster(table, target, {"objective": "binary"}, configuration, seed, held_out, trees)

    def fit_regressor(self, table, target, configuration, seed, held_out, trees):
        objective = {"objective": SPEND_OBJECTIVES[configuration["spend"]]}
        return fit_booster(table, target, objective, configuration, seed, held_out, trees)


PEERS = [LearnedPeer(LightgbmHurdle())]
