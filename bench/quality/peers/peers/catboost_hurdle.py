"""CatBoost in two stages, the strongest published on Online Retail II (Lin et al. 2026)."""

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier, CatBoostRegressor

from .hurdle import Hurdle
from .learned import LearnedPeer, sampled

THREADS = 1
MOST_TREES = 800
PATIENCE = 50


class CatboostStage:
    def __init__(self, model: CatBoostClassifier | CatBoostRegressor):
        self.model = model
        # Early stopping has shrunk the model to its best.
        self.trees = model.tree_count_

    def scores(self, table: pd.DataFrame) -> np.ndarray:
        if isinstance(self.model, CatBoostClassifier):
            return self.model.predict_proba(table)[:, 1]
        return self.model.predict(table)


class CatboostHurdle(Hurdle):
    name = "catboost_hurdle"
    packages = ["catboost"]
    configurations = sampled(
        {
            "spend": ["log", "amount"],
            "depth": [5, 3, 4, 6],
            "learning_rate": [0.06, 0.03],
            "l2_leaf_reg": [3.0, 10.0, 30.0],
        },
        10,
    )

    def _fit(self, kind, loss, table, target, configuration, seed, held_out, trees) -> CatboostStage:
        model = kind(
            loss_function=loss,
            depth=configuration["depth"],
            learning_rate=configuration["learning_rate"],
            l2_leaf_reg=configuration["l2_leaf_reg"],
            bootstrap_type="Bernoulli",
            subsample=0.8,
            iterations=trees or MOST_TREES,
            random_seed=seed,
            thread_count=THREADS,
            allow_writing_files=False,
            verbose=False,
        )
        model.fit(table, target, eval_set=held_out, early_stopping_rounds=PATIENCE if held_out else None)
        return CatboostStage(model)

    def fit_classifier(self, table, target, configuration, seed, held_out, trees) -> CatboostStage:
        return self._fit(CatBoostClassifier, "Logloss", table, target, configuration, seed, held_out, trees)

    def fit_regressor(self, table, target, configuration, seed, held_out, trees) -> CatboostStage:
        return self._fit(CatBoostRegressor, "RMSE", table, target, configuration, seed, held_out, trees)


PEERS = [LearnedPeer(CatboostHurdle())]
