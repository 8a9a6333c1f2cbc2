"""Pareto/NBD with Gamma-Gamma, of the package lifetimes (Schmittlein, Morrison, Colombo 1987)."""

from contextlib import redirect_stdout

import numpy as np
import pandas as pd
from lifetimes import ParetoNBDFitter
from scipy.integrate import fixed_quad

from .btyd import DRAWS, BuyTillYouDie, LifetimesCounts


class ParetoNbdPosterior:
    """Who is active has rate Gamma(r + x, alpha + T) and hazard of leaving Gamma(s, beta + T), independent."""

    parameters: dict[str, float]

    def buys_if_alive(self, customers: pd.DataFrame, weeks: float) -> np.ndarray:
        """Integral over u of P(still active at u) times the density of the first purchase at u."""
        r, alpha, s, beta = (self.parameters[name] for name in ("r", "alpha", "s", "beta"))
        x, age = (customers[name].to_numpy()[:, None] for name in ("frequency", "T"))

        def density(u: np.ndarray) -> np.ndarray:
            active = ((beta + age) / (beta + age + u)) ** s
            no_purchase = ((alpha + age) / (alpha + age + u)) ** (r + x)
            return active * no_purchase * (r + x) / (alpha + age + u)

        return fixed_quad(density, 0, weeks, n=40)[0]

    def draw_purchases(self, customers: pd.DataFrame, weeks: float, random: np.random.Generator) -> np.ndarray:
        r, alpha, s, beta = (self.parameters[name] for name in ("r", "alpha", "s", "beta"))
        shape = (len(customers), DRAWS)
        x, age = (customers[name].to_numpy()[:, None] for name in ("frequency", "T"))
        rate = random.gamma(r + x, 1 / (alpha + age), size=shape)
        hazard = random.gamma(s, 1 / (beta + age), size=shape)
        lifetime = random.exponential(1 / np.maximum(hazard, 1e-12))
        return random.poisson(rate * np.minimum(lifetime, weeks))


class FittedParetoNbd(LifetimesCounts, ParetoNbdPosterior):
    pass


class ParetoNbd(BuyTillYouDie):
    name = "pareto_nbd_gg"
    packages = ["Lifetimes"]

    def fit_counts(self, customers: pd.DataFrame, penalizer: float) -> FittedParetoNbd:
        fitter = ParetoNBDFitter(penalizer_coef=penalizer)
        # lifetimes prints what did not converge, and raises as well.
        with redirect_stdout(None):
            # Its own start is a random one about here.
            fitter.fit(customers["frequency"], customers["recency"], customers["T"], initial_params=np.ones(4))
        return FittedParetoNbd(fitter)


PEERS = [ParetoNbd()]
