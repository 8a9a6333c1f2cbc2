"""Google's network for lifetime value: 64-32 ReLU, zero-inflated lognormal loss (google/lifetime_value, notebooks)."""

import torch
from torch import nn

from .inputs import DataChoice
from .learned import LearnedPeer
from .ziln import FittedNetwork, Training, fit_network


class ZilnDnn:
    name = "ziln_dnn"
    packages = ["torch"]
    # 2e-4 is the published rate; the others make up for tables far smaller than the published one.
    configurations = [{"learning_rate": rate} for rate in (2e-4, 1e-3, 3e-3)]

    def choices(self, fold) -> list[DataChoice]:
        return DataChoice.among(fold)

    def fit(self, table, target, configuration, seed, *, held_out=None, length=None) -> FittedNetwork:
        def make(inputs: int):
            network = nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3))
            return network, torch.optim.Adam(network.parameters(), lr=configuration["learning_rate"])

        published = Training(batch=1024, epochs=400, patience=10)
        return fit_network(make, table, target, published, seed, held_out=held_out, length=length)


PEERS = [LearnedPeer(ZilnDnn())]
