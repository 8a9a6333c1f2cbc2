"""The search and the final fit that all learned peers share."""

import random
import time
from typing import Any, Protocol

import numpy as np
import pandas as pd

from .exchange import Fold
from .inputs import DataChoice, Horizons, Output, usable_columns
from .selection import selection_loss

SEARCH_SEED = 0


class Fitted(Protocol):
    # What early stopping settled on, to be handed to the final fit; JSON.
    length: Any

    def predict(self, table: pd.DataFrame) -> Output: ...


class Learner(Protocol):
    """table: raw inputs, missing as NaN; target: >= 0, in currency."""

    name: str
    packages: list[str]
    # The first is the default, with which the rows to learn from are chosen; then the others are tried on those rows.
    configurations: list[dict]

    def choices(self, fold: Fold) -> list[DataChoice]: ...

    def fit(
        self,
        table: pd.DataFrame,
        target: np.ndarray,
        configuration: dict,
        seed: int,
        *,
        held_out: tuple[pd.DataFrame, np.ndarray] | None = None,
        length: Any = None,
    ) -> Fitted:
        """Stops early on held_out, or after length."""
        ...


def sampled(space: dict[str, list], count: int) -> list[dict]:
    """The first of each value, then distinct random combinations, always the same ones."""
    combinations = [{name: values[0] for name, values in space.items()}]
    choose = random.Random(1)
    while len(combinations) < count:
        combination = {name: choose.choice(values) for name, values in space.items()}
        if combination not in combinations:
            combinations.append(combination)
    return combinations


class LearnedPeer:
    seeds_matter = True

    def __init__(self, learner: Learner):
        self.learner = learner
        self.name = learner.name
        self.packages = learner.packages

    def prepare(self, fold: Fold) -> dict:
        """Fits on TRAIN, stops early and compares on VALIDATION."""
        log: list[dict] = []
        default, *others = self.learner.configurations
        for choice in self.learner.choices(fold):
            log.append(self._try(fold, choice, default))
        best = min(log, key=lambda entry: entry["loss"])
        for configuration in others:
            log.append(self._try(fold, DataChoice(best["rows"], best["target"]), configuration))
        best = min(log, key=lambda entry: entry["loss"])
        chosen = {name: best[name] for name in ("rows", "target", "configuration", "length")}
        return {"configuration": chosen, "search": log}

    def _try(self, fold: Fold, choice: DataChoice, configuration: dict) -> dict:
        began = time.perf_counter()
        learnt, held_out = choice.of(fold.training), fold.validation
        horizons, columns = Horizons(learnt, choice.target), usable_columns(fold, learnt)
        asked = horizons.inputs(held_out, columns)
        fitted = self.learner.fit(
            horizons.inputs(learnt, columns),
            horizons.targets(learnt),
            configuration,
            SEARCH_SEED,
            held_out=(asked, horizons.targets(held_out)),
        )
        expected = horizons.outputs(fitted.predict(asked), held_out).expected
        return {
            "rows": choice.rows,
            "target": choice.target,
            "configuration": configuration,
            "length": fitted.length,
            "loss": selection_loss(held_out["label"].to_numpy(), expected),
            "seconds": round(time.perf_counter() - began, 2),
        }

    def predict(self, fold: Fold, prepared: dict, seed: int) -> tuple[pd.DataFrame, dict]:
        """Fits on TRAIN and VALIDATION for as long as the search found best."""
        chosen = prepared["configuration"]
        choice = DataChoice(chosen["rows"], chosen["target"])
        learnt = choice.of(fold.train)
        horizons, columns = Horizons(learnt, choice.target), usable_columns(fold, learnt)
        table, target = horizons.inputs(learnt, columns), horizons.targets(learnt)
        fitted = self.learner.fit(table, target, chosen["configuration"], seed, length=chosen["length"])
        output = horizons.outputs(fitted.predict(horizons.inputs(fold.test, columns)), fold.test)
        notes = {
            "rows": {
                "search": len(choice.of(fold.training)),
                "validation": len(fold.validation),
                "fit": len(learnt),
                "negative_labels_as_0": int((learnt["label"] < 0).sum()),
            },
            "inputs": list(table.columns),
        }
        return to_prediction(output), notes


def to_prediction(output: Output) -> pd.DataFrame:
    prediction = pd.DataFrame({"expected_value": output.expected})
    if output.probability is not None:
        probability = np.clip(output.probability, 1e-6, 1 - 1e-6)
        prediction["purchase_probability"] = probability
        if output.sigma is not None:
            prediction["logit"] = np.log(probability / (1 - probability))
            # The location whose mean, times the probability, is the expected value.
            prediction["mu"] = np.log(np.maximum(output.expected, 1e-9) / probability) - output.sigma**2 / 2
            prediction["sigma"] = output.sigma
    return prediction
