"""FT-Transformer of its authors' package (Gorishniy et al. 2021), with the zero-inflated lognormal loss."""

import torch
from rtdl_revisiting_models import FTTransformer
from torch import Tensor, nn

from .inputs import DataChoice
from .learned import LearnedPeer
from .ziln import FittedNetwork, Training, fit_network


class NumericFtTransformer(nn.Module):
    """One block of the authors' default width; every input is numeric."""

    def __init__(self, inputs: int):
        super().__init__()
        defaults = FTTransformer.get_default_kwargs(n_blocks=1)
        self.transformer = FTTransformer(n_cont_features=inputs, cat_cardinalities=[], d_out=3, **defaults)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.transformer(inputs, None)


class FtTransformer:
    name = "ft_transformer"
    packages = ["torch", "rtdl_revisiting_models"]
    # The authors' decay; their rate, 1e-4, is for tables a hundred times as large.
    configurations = [{"learning_rate": rate, "weight_decay": 1e-5} for rate in (1e-3, 3e-4)]

    def choices(self, fold) -> list[DataChoice]:
        """A fit takes a minute of CPU on the newest window, and several on all of them."""
        return [DataChoice("newest", "amount")]

    def fit(self, table, target, configuration, seed, *, held_out=None, length=None) -> FittedNetwork:
        def make(inputs: int):
            network = NumericFtTransformer(inputs)
            groups = network.transformer.make_parameter_groups()
            groups[0]["weight_decay"] = configuration["weight_decay"]
            return network, torch.optim.AdamW(groups, lr=configuration["learning_rate"], weight_decay=0.0)

        training = Training(batch=256, epochs=30, patience=4)
        return fit_network(make, table, target, training, seed, held_out=held_out, length=length)


PEERS = [LearnedPeer(FtTransformer())]
