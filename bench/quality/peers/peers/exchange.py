"""The files that the harness and the peers hand to each other."""

import hashlib
import json
import math
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

PROTOCOL_FOLDER = re.compile(r"[PS]\d+")
PREDICTION_COLUMNS = [
    "expected_value",
    "purchase_probability",
    "logit",
    "mu",
    "sigma",
    "lower80",
    "upper80",
    "lower95",
    "upper95",
]


@dataclass(frozen=True)
class Fold:
    """One protocol's fold. The labels of the test rows are dropped on reading, so no peer can look at them."""

    protocol: str
    name: str
    folder: Path

    @cached_property
    def train(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "train.csv", dtype={"customer": str, "split": str})

    @cached_property
    def test(self) -> pd.DataFrame:
        test = pd.read_csv(self.folder / "test.csv", dtype={"customer": str})
        return test.drop(columns=["actual", "purchases"])

    @cached_property
    def checksum(self) -> str:
        digest = hashlib.sha256()
        for name in ("train.csv", "test.csv"):
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()

    @property
    def horizon_days(self) -> float:
        """Of the test rows, which all have the same."""
        (horizon,) = self.test["horizon_days"].unique()
        return float(horizon)

    @property
    def feature_names(self) -> list[str]:
        return [name for name in self.test.columns if name.startswith("f_")]

    @property
    def newest(self) -> pd.DataFrame:
        """The newest closed window at the longest horizon, both splits."""
        return self.train[self.train["newest"] == 1]

    @property
    def validation(self) -> pd.DataFrame:
        return self.newest[self.newest["split"] == "VALIDATION"]

    @property
    def training(self) -> pd.DataFrame:
        return self.train[self.train["split"] == "TRAIN"]

    def prediction_path(self, model: str, seed: int, suffix: str) -> Path:
        return self.folder / "predictions" / f"{model}__{seed}.{suffix}"

    def is_predicted(self, model: str, seed: int) -> bool:
        """Whether a prediction made of these very files is there."""
        record, predictions = (self.prediction_path(model, seed, suffix) for suffix in ("json", "csv"))
        return (
            predictions.exists()
            and record.exists()
            and json.loads(record.read_text())["data_sha256"] == self.checksum
        )

    def write(self, model: str, seed: int, prediction: pd.DataFrame, record: dict) -> None:
        """prediction: some of PREDICTION_COLUMNS, in the order of the test rows."""
        unusable = ~np.isfinite(prediction.to_numpy(dtype=float)).all(axis=1)
        if unusable.any() or len(prediction) != len(self.test):
            raise ValueError(f"{model}: {int(unusable.sum())} of {len(prediction)} predictions are no finite numbers.")
        columns = [name for name in PREDICTION_COLUMNS if name in prediction]
        table = prediction[columns].copy()
        table.insert(0, "customer", self.test["customer"].to_numpy())
        record = {"protocol": self.protocol, "fold": self.name, "data_sha256": self.checksum, **record}
        path = self.prediction_path(model, seed, "csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, table.to_csv(index=False))
        write_whole(self.prediction_path(model, seed, "json"), json.dumps(finite(record), indent=1, allow_nan=False) + "\n")


def finite(value):
    """The same with null for numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_whole(path: Path, content: str) -> None:
    """The file is there with all its content, or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(content)
    os.replace(partial, path)


def folds_in(work: Path) -> list[Fold]:
    folders = sorted(file.parent for file in work.glob("[PS]*/*/train.csv"))
    return [
        Fold(folder.parent.name, folder.name, folder)
        for folder in folders
        if PROTOCOL_FOLDER.fullmatch(folder.parent.name) and (folder / "test.csv").exists()
    ]
