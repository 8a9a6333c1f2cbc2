"""Pareto/NBD with Gamma-Gamma, of the package pymc-marketing, maximum a posteriori under its default priors."""

import numpy as np
import pandas as pd
from pymc_marketing.clv import GammaGammaModel, ParetoNBDModel

from .btyd import GammaGamma, calibration, predictive
from .exchange import Fold
from .pareto_nbd import ParetoNbdPosterior


def _parameters(model: ParetoNBDModel | GammaGammaModel, names: str) -> dict[str, float]:
    return {name: float(model.fit_result[name].to_numpy().squeeze()) for name in names.split()}


class FittedPymcParetoNbd(ParetoNbdPosterior):
    def __init__(self, model: ParetoNBDModel):
        self.model = model
        self.parameters = _parameters(model, "r alpha s beta")

    def alive(self, customers: pd.DataFrame) -> np.ndarray:
        return self.model.expected_probability_alive(customers, future_t=0).to_numpy().squeeze()

    def expected_purchases(self, customers: pd.DataFrame, weeks: float) -> np.ndarray:
        return self.model.expected_purchases(customers, future_t=weeks).to_numpy().squeeze()


class PymcGammaGamma(GammaGamma):
    def __init__(self, customers: pd.DataFrame):
        self.model = GammaGammaModel()
        self.model.fit(data=self.repeat_buyers(customers), method="map", progressbar=False)
        fitted = _parameters(self.model, "p q v")
        self.p, self.q, self.v = (fitted[name] for name in "pqv")

    def expected_profit(self, customers: pd.DataFrame) -> np.ndarray:
        return self.model.expected_customer_spend(self.scaled(customers)).to_numpy().squeeze() * self.unit


class PymcParetoNbd:
    """The package's priors stand in for a penalty, so that nothing is searched."""

    name = "pareto_nbd_gg_pymc"
    seeds_matter = False
    packages = ["pymc-marketing", "pymc"]

    def prepare(self, fold: Fold) -> dict:
        return {"configuration": {"method": "map"}}

    def predict(self, fold: Fold, prepared: dict, seed: int) -> tuple[pd.DataFrame, dict]:
        fitted_on = calibration(fold)
        counts = ParetoNBDModel()
        counts.fit(data=fitted_on, method="map", progressbar=False)
        return predictive(FittedPymcParetoNbd(counts), PymcGammaGamma(fitted_on), fold, len(fitted_on))


PEERS = [PymcParetoNbd()]
