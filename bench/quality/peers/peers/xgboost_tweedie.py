"""XGBoost with the Tweedie objective."""

import pandas as pd
import xgboost

from .inputs import DataChoice, Output
from .learned import LearnedPeer, sampled

THREADS = 1
MOST_TREES = 1000
PATIENCE = 50


class FittedXgboost:
    def __init__(self, booster: xgboost.Booster, trees: int):
        self.booster = booster
        self.length = trees

    def predict(self, table: pd.DataFrame) -> Output:
        return Output(self.booster.predict(xgboost.DMatrix(table), iteration_range=(0, self.length)))


class XgboostTweedie:
    name = "xgboost_tweedie"
    packages = ["xgboost"]
    configurations = sampled(
        {
            "variance_power": [1.5, 1.2, 1.35, 1.7],
            "max_depth": [4, 2, 3, 6],
            "min_child_weight": [20, 5, 100],
            "learning_rate": [0.05, 0.02],
            "colsample_bytree": [0.8, 0.5],
            "reg_lambda": [1.0, 10.0],
        },
        16,
    )

    def choices(self, fold) -> list[DataChoice]:
        return DataChoice.among(fold)

    def fit(self, table, target, configuration, seed, *, held_out=None, length=None) -> FittedXgboost:
        options = dict(configuration)
        parameters = {
            "objective": "reg:tweedie",
            "tweedie_variance_power": options.pop("variance_power"),
            **options,
            "tree_method": "hist",
            "subsample": 0.8,
            "nthread": THREADS,
            "seed": seed,
        }
        learnt = xgboost.DMatrix(table, target)
        if held_out is None:
            return FittedXgboost(xgboost.train(parameters, learnt, length), length)
        booster = xgboost.train(
            parameters,
            learnt,
            MOST_TREES,
            evals=[(xgboost.DMatrix(*held_out), "held_out")],
            early_stopping_rounds=PATIENCE,
            verbose_eval=False,
        )
        return FittedXgboost(booster, booster.best_iteration + 1)


PEERS = [LearnedPeer(XgboostTweedie())]
