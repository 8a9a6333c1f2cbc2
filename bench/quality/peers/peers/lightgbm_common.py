"""LightGBM's booster as the two LightGBM peers use it."""

import lightgbm
import numpy as np
import pandas as pd

THREADS = 1
MOST_TREES = 1000
PATIENCE = 50


class Booster:
    def __init__(self, booster: lightgbm.Booster, trees: int):
        self.booster = booster
        self.trees = trees

    def scores(self, table: pd.DataFrame) -> np.ndarray:
        return self.booster.predict(table, num_iteration=self.trees)


def fit_booster(
    table: pd.DataFrame,
    target: np.ndarray,
    objective: dict,
    configuration: dict,
    seed: int,
    held_out: tuple[pd.DataFrame, np.ndarray] | None,
    trees: int | None,
) -> Booster:
    parameters = {
        **objective,
        "num_leaves": configuration["num_leaves"],
        "min_data_in_leaf": configuration["min_data_in_leaf"],
        "learning_rate": configuration["learning_rate"],
        "feature_fraction": configuration["feature_fraction"],
        "lambda_l2": configuration["lambda_l2"],
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": seed,
        "num_threads": THREADS,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    learnt = lightgbm.Dataset(table, target)
    if held_out is None:
        return Booster(lightgbm.train(parameters, learnt, num_boost_round=trees), trees)
    booster = lightgbm.train(
        parameters,
        learnt,
        num_boost_round=MOST_TREES,
        valid_sets=[lightgbm.Dataset(*held_out, reference=learnt)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    return Booster(booster, booster.best_iteration)


SPACE = {
    "num_leaves": [15, 5, 7, 31],
    "min_data_in_leaf": [50, 20, 100],
    "learning_rate": [0.05, 0.02],
    "feature_fraction": [0.8, 0.5],
    "lambda_l2": [1.0, 10.0],
}
