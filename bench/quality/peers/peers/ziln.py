"""Zero-inflated lognormal loss and its training loop (Wang, Liu, Miao 2019), for any network with three outputs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional

from .inputs import NetworkScaler, Output

# sqrt of the published floor's epsilon, 1e-7.
SMALLEST_SIGMA = 1e-7**0.5


def ziln_loss(outputs: Tensor, target: Tensor) -> Tensor:
    """outputs: (n, 3) logit of P(buys), location, raw scale; target: (n) >= 0."""
    logit, location, raw_scale = outputs.unbind(-1)
    buys = (target > 0).to(outputs.dtype)
    scale = functional.softplus(raw_scale).clamp_min(SMALLEST_SIGMA)
    log_target = torch.log(torch.where(target > 0, target, torch.ones_like(target)))
    spend = torch.distributions.Normal(location, scale).log_prob(log_target) - log_target
    return (functional.binary_cross_entropy_with_logits(logit, buys, reduction="none") - buys * spend).mean()


@dataclass(frozen=True)
class Training:
    batch: int
    epochs: int
    patience: int


class FittedNetwork:
    def __init__(self, network: nn.Module, scaler: NetworkScaler, unit: float, largest: float, epochs: int):
        self.network = network
        self.scaler = scaler
        self.unit = unit
        self.largest = largest
        self.length = epochs

    def predict(self, table: pd.DataFrame) -> Output:
        logit, location, raw_scale = outputs_of(self.network, torch.from_numpy(self.scaler(table))).double().unbind(-1)
        sigma = functional.softplus(raw_scale).numpy()
        probability = torch.sigmoid(logit).numpy()
        mean = np.exp(np.minimum(location.numpy() + sigma**2 / 2, 700)) * self.unit
        # exp(location + scale^2 / 2) is known to run away; nobody is worth more than the best customer seen.
        return Output(probability * np.minimum(mean, self.largest), probability, sigma)


def outputs_of(network: nn.Module, inputs: Tensor) -> Tensor:
    network.eval()
    with torch.no_grad():
        return torch.cat([network(chunk) for chunk in inputs.split(4096)])


def fit_network(make, table, target, training: Training, seed: int, *, held_out=None, length=None) -> FittedNetwork:
    """
    make(inputs) -> (network, optimizer). With held_out: until its loss has not fallen for `patience` epochs, then back
    to the best one. With length: that many epochs. (The published reduction of the rate on a plateau has the same
    patience as the early stop, so that it never comes to bear.)
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    scaler = NetworkScaler(table)
    # The location starts at the middle of the spend, whatever the currency.
    unit = float(np.exp(np.log(target[target > 0]).mean()))
    inputs = torch.from_numpy(scaler(table))
    scaled = torch.from_numpy((target / unit).astype(np.float32))
    network, optimizer = make(inputs.shape[1])
    if held_out is not None:
        held_inputs = torch.from_numpy(scaler(held_out[0]))
        held_target = torch.from_numpy((held_out[1] / unit).astype(np.float32))
    best, best_loss, best_state = 0, float("inf"), None
    for epoch in range(1, (length or training.epochs) + 1):
        network.train()
        for rows in torch.randperm(len(inputs)).split(training.batch):
            optimizer.zero_grad()
            ziln_loss(network(inputs[rows]), scaled[rows]).backward()
            optimizer.step()
        if held_out is None:
            continue
        loss = float(ziln_loss(outputs_of(network, held_inputs), held_target))
        if loss < best_loss:
            best, best_loss = epoch, loss
            best_state = {name: value.clone() for name, value in network.state_dict().items()}
        elif epoch - best >= training.patience:
            break
    if best_state is not None:
        network.load_state_dict(best_state)
    return FittedNetwork(network, scaler, unit, float(target.max()), length or best)
