"""What the buy-till-you-die peers share: summaries, Gamma-Gamma, the predictive distribution, the search."""

from contextlib import suppress
from typing import Protocol

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter
from lifetimes.utils import ConvergenceError

from .exchange import Fold
from .selection import selection_loss

DAYS_A_UNIT = 7
DRAWS = 1000
PENALIZERS = (0.0, 0.001, 0.01, 0.1)
MONEY_PENALIZERS = (0.0, 0.01)
CUSTOMERS_A_CHUNK = 1000


def summaries(rows: pd.DataFrame) -> pd.DataFrame:
    """frequency, recency and T in weeks, monetary_value in currency; as the two packages name them."""
    return pd.DataFrame(
        {
            "customer_id": np.arange(len(rows)),
            "frequency": rows["f_repeat_days"].to_numpy(),
            "recency": rows["f_recency_span_days"].to_numpy() / DAYS_A_UNIT,
            "T": rows["f_age_days"].to_numpy() / DAYS_A_UNIT,
            "monetary_value": rows["f_repeat_mean_value"].fillna(0).to_numpy(),
        }
    )


class Fitted(Protocol):
    """A count model fitted to summaries."""

    parameters: dict[str, float]

    def alive(self, customers: pd.DataFrame) -> np.ndarray: ...

    def expected_purchases(self, customers: pd.DataFrame, weeks: float) -> np.ndarray: ...

    def draw_purchases(self, customers: pd.DataFrame, weeks: float, random: np.random.Generator) -> np.ndarray:
        """(customers, DRAWS) purchases of customers who are still active."""
        ...

    def buys_if_alive(self, customers: pd.DataFrame, weeks: float) -> np.ndarray:
        """P(at least one purchase in the horizon | still active)"""
        ...


class LifetimesCounts:
    """What the count models of the package lifetimes share."""

    def __init__(self, fitter: BetaGeoFitter | ParetoNBDFitter):
        self.fitter = fitter
        self.parameters: dict[str, float] = fitter.params_.to_dict()

    def alive(self, customers: pd.DataFrame) -> np.ndarray:
        return np.asarray(
            self.fitter.conditional_probability_alive(customers["frequency"], customers["recency"], customers["T"])
        )

    def expected_purchases(self, customers: pd.DataFrame, weeks: float) -> np.ndarray:
        return np.asarray(
            self.fitter.conditional_expected_number_of_purchases_up_to_time(
                weeks, customers["frequency"], customers["recency"], customers["T"]
            )
        )


class GammaGamma:
    """Money is in units of the repeat buyers' mean, so that a penalty means the same in any currency."""

    p: float
    q: float
    v: float
    unit: float

    def repeat_buyers(self, customers: pd.DataFrame) -> pd.DataFrame:
        """What is fitted to; sets the unit."""
        repeat = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
        self.unit = float(repeat["monetary_value"].mean())
        return self.scaled(repeat)

    def scaled(self, customers: pd.DataFrame) -> pd.DataFrame:
        return customers.assign(monetary_value=customers["monetary_value"] / self.unit)

    def expected_profit(self, customers: pd.DataFrame) -> np.ndarray:
        """Of a purchase; the population's mean for one-time buyers (weight 0 on their own), as the authors do."""
        raise NotImplementedError

    def draw_spend(self, customers: pd.DataFrame, purchases: np.ndarray, random: np.random.Generator) -> np.ndarray:
        x = customers["frequency"].to_numpy()[:, None]
        z = customers["monetary_value"].to_numpy()[:, None] / self.unit
        rate = random.gamma(self.p * x + self.q, 1 / (self.v + x * z), size=purchases.shape)
        spend = random.gamma(self.p * np.maximum(purchases, 1)) / rate * self.unit
        return np.where(purchases > 0, spend, 0.0)


class LifetimesGammaGamma(GammaGamma):
    def __init__(self, customers: pd.DataFrame, penalizer: float):
        self.fitter = GammaGammaFitter(penalizer_coef=penalizer)
        repeat = self.repeat_buyers(customers)
        # Without q > 1 the population has no mean.
        self.fitter.fit(repeat["frequency"], repeat["monetary_value"], q_constraint=True)
        self.p, self.q, self.v = (float(self.fitter.params_[name]) for name in "pqv")

    def expected_profit(self, customers: pd.DataFrame) -> np.ndarray:
        money = self.scaled(customers)["monetary_value"]
        return self.fitter.conditional_expected_average_profit(customers["frequency"], money).to_numpy() * self.unit


def predict_value(counts: Fitted, money: GammaGamma, customers: pd.DataFrame, weeks: float) -> np.ndarray:
    return counts.expected_purchases(customers, weeks) * money.expected_profit(customers)


def calibration(fold: Fold) -> pd.DataFrame:
    """Summaries at the test's as-of date: the test customers' and, in a customer split, the training customers' too."""
    same_date = fold.train[fold.train["as_of"] == fold.test["as_of"].iloc[0]].drop_duplicates("customer")
    return summaries(pd.concat([fold.test, same_date], ignore_index=True))


def interval(spend: np.ndarray, level: float) -> np.ndarray:
    """
    (2, customers) from (customers, draws). As of the zero-inflated models, ours included: with equal tails, but from 0 up
    to the quantile of the level where no spend is likelier than a tail, since equal tails would then hold more than that.
    """
    tail = (1 - level) / 2
    lower, upper, from_nothing = np.quantile(spend, [tail, 1 - tail, level], axis=1)
    return np.stack([lower, np.where(lower > 0, upper, from_nothing)])


def predictive(counts: Fitted, money: GammaGamma, fold: Fold, fitted_rows: int) -> tuple[pd.DataFrame, dict]:
    """Expected value, P(buys) in closed form, and intervals from draws of each customer's own distribution."""
    customers = summaries(fold.test)
    weeks = fold.horizon_days / DAYS_A_UNIT
    expected = predict_value(counts, money, customers, weeks)
    alive = counts.alive(customers)
    prediction = pd.DataFrame(
        {"expected_value": expected, "purchase_probability": alive * counts.buys_if_alive(customers, weeks)}
    )
    random = np.random.default_rng(1)
    intervals, means = [], []
    for start in range(0, len(customers), CUSTOMERS_A_CHUNK):
        chunk = customers.iloc[start : start + CUSTOMERS_A_CHUNK]
        purchases = counts.draw_purchases(chunk, weeks, random)
        active = random.random(purchases.shape) < alive[start : start + CUSTOMERS_A_CHUNK, None]
        spend = money.draw_spend(chunk, np.where(active, purchases, 0), random)
        intervals.append(np.concatenate([interval(spend, level) for level in (0.8, 0.95)]).T)
        means.append(spend.mean(axis=1))
    prediction[["lower80", "upper80", "lower95", "upper95"]] = np.concatenate(intervals)
    # The packages' closed forms overflow for some histories; the draws' mean estimates the same number.
    overflowed = ~np.isfinite(expected)
    drawn = np.concatenate(means)
    prediction.loc[overflowed, "expected_value"] = drawn[overflowed]
    return prediction, {
        "rows": {"fit": fitted_rows},
        "parameters": {**counts.parameters, "p": money.p, "q": money.q, "v": money.v, "money_unit": money.unit},
        "closed_form_overflowed": int(overflowed.sum()),
        "mean_of_draws_over_mean_expected": float(drawn.mean() / prediction["expected_value"].mean()),
    }


class BuyTillYouDie:
    """
    Fitted to the calibration summaries. No label is used but to choose the penalties, on the held-out customers of
    the newest closed window.
    """

    seeds_matter = False

    def fit_counts(self, customers: pd.DataFrame, penalizer: float) -> Fitted:
        raise NotImplementedError

    def prepare(self, fold: Fold) -> dict:
        customers = summaries(fold.newest)
        held_out = (fold.newest["split"] == "VALIDATION").to_numpy()
        actual = fold.validation["label"].to_numpy()
        weeks = float(fold.validation["horizon_days"].iloc[0]) / DAYS_A_UNIT
        log: list[dict] = []

        def evaluate(count_penalizer: float, money_penalizer: float) -> None:
            entry = {"penalizer": count_penalizer, "money_penalizer": money_penalizer}
            try:
                counts = self.fit_counts(customers, count_penalizer)
                money = LifetimesGammaGamma(customers, money_penalizer)
                expected = predict_value(counts, money, customers[held_out], weeks)
                entry["loss"] = selection_loss(actual, expected)
            except ConvergenceError:
                entry.update(loss=float("inf"), error="did not converge")
            log.append(entry)

        for penalizer in PENALIZERS:
            evaluate(penalizer, 0.0)
        best = min(log, key=lambda entry: entry["loss"])
        for money_penalizer in MONEY_PENALIZERS[1:]:
            evaluate(best["penalizer"], money_penalizer)
        best = min(log, key=lambda entry: entry["loss"])
        return {"configuration": {name: best[name] for name in ("penalizer", "money_penalizer")}, "search": log}

    def predict(self, fold: Fold, prepared: dict, seed: int) -> tuple[pd.DataFrame, dict]:
        chosen = prepared["configuration"]
        fitted_on = calibration(fold)
        counts, penalizer = self.fit_converged(fitted_on, chosen["penalizer"])
        money = LifetimesGammaGamma(fitted_on, chosen["money_penalizer"])
        prediction, notes = predictive(counts, money, fold, len(fitted_on))
        return prediction, {**notes, "penalizer_of_final_fit": penalizer}

    def fit_converged(self, customers: pd.DataFrame, penalizer: float) -> tuple[Fitted, float]:
        """With the chosen penalty or, where that does not converge on these customers, the next larger one that does."""
        *smaller, largest = (value for value in PENALIZERS if value >= penalizer)
        for value in smaller:
            with suppress(ConvergenceError):
                return self.fit_counts(customers, value), value
        return self.fit_counts(customers, largest), largest
