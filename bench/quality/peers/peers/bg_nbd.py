"""BG/NBD with Gamma-Gamma, of the package lifetimes (Fader, Hardie, Lee 2005)."""

from contextlib import redirect_stdout

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter

from .btyd import DRAWS, BuyTillYouDie, LifetimesCounts


class FittedBgNbd(LifetimesCounts):
    def buys_if_alive(self, customers: pd.DataFrame, weeks: float) -> np.ndarray:
        """Nobody leaves before the next purchase, and the rate of who is active is Gamma(r + x, alpha + T)."""
        waited = self.parameters["alpha"] + customers["T"].to_numpy()
        return 1 - (waited / (waited + weeks)) ** (self.parameters["r"] + customers["frequency"].to_numpy())

    def draw_purchases(self, customers: pd.DataFrame, weeks: float, random: np.random.Generator) -> np.ndarray:
        shape = (len(customers), DRAWS)
        x = customers["frequency"].to_numpy()[:, None]
        waited = self.parameters["alpha"] + customers["T"].to_numpy()[:, None]
        rate = random.gamma(self.parameters["r"] + x, 1 / waited, size=shape)
        leaves = random.beta(self.parameters["a"], self.parameters["b"] + x, size=shape)
        until_leaving = random.geometric(np.clip(leaves, 1e-9, 1))
        return np.minimum(random.poisson(rate * weeks), until_leaving)


class BgNbd(BuyTillYouDie):
    name = "bg_nbd_gg"
    packages = ["Lifetimes"]

    def fit_counts(self, customers: pd.DataFrame, penalizer: float) -> FittedBgNbd:
        fitter = BetaGeoFitter(penalizer_coef=penalizer)
        # lifetimes prints what did not converge, and raises as well.
        with redirect_stdout(None):
            fitter.fit(customers["frequency"], customers["recency"], customers["T"])
        return FittedBgNbd(fitter)


PEERS = [BgNbd()]
