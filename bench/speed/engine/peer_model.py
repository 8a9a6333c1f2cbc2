"""The same network in PyTorch, as its users would write it: Hugging Face's BertModel with numeric tokens and a head.

The weights come from a safetensors file that the benchmark wrote, so both sides compute the same numbers.
"""

import math
import time

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F
from transformers import BertConfig, BertModel
from transformers.masking_utils import create_bidirectional_mask

SIGMA_MIN, SIGMA_MAX = 0.1, 3.0
SIGMA_SHIFT = math.log(math.expm1(1 - SIGMA_MIN))
MAX_EXPONENT = 60.0


class ClvModel(nn.Module):
    """[B, L] token ids, mask, [B, F] numbers and [B, 2] prior to [B, 3] = (logit, mu, sigma)."""

    def __init__(self, encoder: dict, features: int, numbers_width: int):
        super().__init__()
        # No dropout, as on the other side: it would only cost time here.
        config = BertConfig(
            vocab_size=encoder["vocabSize"],
            hidden_size=encoder["hiddenSize"],
            num_hidden_layers=encoder["layers"],
            num_attention_heads=encoder["heads"],
            intermediate_size=encoder["intermediateSize"],
            max_position_embeddings=encoder["maxPositions"],
            type_vocab_size=encoder["typeVocabSize"],
            layer_norm_eps=encoder["layerNormEps"],
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        hidden = encoder["hiddenSize"]
        self.bert = BertModel(config, add_pooling_layer=False)
        self.numeric_weight = nn.Parameter(torch.empty(features, hidden))
        self.numeric_bias = nn.Parameter(torch.empty(features, hidden))
        # Layers that change nothing: where attributions to the numbers are read off.
        self.numeric_input = nn.Identity()
        self.prior_input = nn.Identity()
        self.dense = nn.Linear(hidden + features, hidden)
        self.delta = nn.Linear(hidden, 3)
        # The part of the head that reads numbers alone; a step of the whole model leaves it as it is.
        self.numbers = nn.Sequential(
            nn.Linear(features, numbers_width),
            nn.GELU(),
            nn.Linear(numbers_width, numbers_width),
            nn.GELU(),
            nn.Linear(numbers_width, 3),
        )
        self.numbers.requires_grad_(False)

    def forward(self, token_ids, token_mask, numeric, prior):
        numeric, prior = self.numeric_input(numeric), self.prior_input(prior)
        words = self.bert.embeddings(input_ids=token_ids)
        numbers = numeric.unsqueeze(2) * self.numeric_weight + self.numeric_bias
        sequence = torch.cat([words, numbers], 1)
        seen = torch.cat([token_mask, token_mask.new_ones(numeric.shape)], 1).long()
        mask = create_bidirectional_mask(
            config=self.bert.config, inputs_embeds=sequence, attention_mask=seen
        )
        hidden = self.bert.encoder(sequence, attention_mask=mask).last_hidden_state
        joint = torch.cat([hidden[:, 0], numeric], 1)
        delta = self.numbers(numeric) + self.delta(F.gelu(self.dense(joint)))
        logit = prior[:, 0] + delta[:, 0]
        sigma = (F.softplus(delta[:, 2] + SIGMA_SHIFT) + SIGMA_MIN).clamp(max=SIGMA_MAX)
        mu = prior[:, 1] + delta[:, 1] - sigma.square() * 0.5
        return torch.stack([logit, mu, sigma], 1)


def expected_value(output):
    logit, mu, sigma = output.unbind(1)
    return torch.sigmoid(logit) * (mu + sigma.square() * 0.5).clamp(max=MAX_EXPONENT).exp()


def loss_of(output, value, weight):
    """Zero-inflated lognormal negative log-likelihood, weighted mean."""
    logit, mu, sigma = output.float().unbind(1)
    buys = (value > 0).float()
    log_value = value.clamp(min=1e-9).log()
    z = (log_value - mu) / sigma
    lognormal = log_value + sigma.log() + 0.5 * z.square() + 0.5 * math.log(2 * math.pi)
    losses = F.softplus(logit) - buys * logit + buys * lognormal
    return (losses * (weight / weight.sum())).sum()


def load_model(encoder: dict, features: int, weights_file: str) -> ClvModel:
    stored = load_file(weights_file)
    model = ClvModel(encoder, features, stored["head.numbers.dense.weight"].shape[0])
    own = {
        "numeric.weight": "numeric_weight",
        "numeric.bias": "numeric_bias",
        "head.dense.weight": "dense.weight",
        "head.dense.bias": "dense.bias",
        "head.delta.weight": "delta.weight",
        "head.delta.bias": "delta.bias",
        "head.numbers.dense.weight": "numbers.0.weight",
        "head.numbers.dense.bias": "numbers.0.bias",
        "head.numbers.inner.weight": "numbers.2.weight",
        "head.numbers.inner.bias": "numbers.2.bias",
        "head.numbers.delta.weight": "numbers.4.weight",
        "head.numbers.delta.bias": "numbers.4.bias",
    }
    state = {own.get(name, f"bert.{name}"): tensor for name, tensor in stored.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    # Position and segment ids are buffers, not weights.
    missing = [name for name in missing if not name.endswith("_ids")]
    if missing or unexpected:
        raise ValueError(f"weights that are missing: {missing}; that are too many: {unexpected}")
    return model


def seconds_since(started: float, processor: float) -> dict:
    """Time since two readings of perf_counter and process_time."""
    return {"wall": time.perf_counter() - started, "processor": time.process_time() - processor}
