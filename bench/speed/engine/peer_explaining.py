"""Captum's attributions of predictions."""

import time

from captum.attr import LayerIntegratedGradients

from peer_model import expected_value, load_model, seconds_since


class Explaining:
    def __init__(self, subject: dict):
        self.model = load_model(subject["encoder"], subject["features"], subject["weights"]).eval()
        self.model.requires_grad_(False)
        layers = [self.model.bert.embeddings.word_embeddings, self.model.numeric_input, self.model.prior_input]
        self.attributions = LayerIntegratedGradients(self.value, layers)

    def value(self, token_ids, numeric, prior, token_mask):
        return expected_value(self.model(token_ids, token_mask, numeric, prior))

    def run(self, batch: dict, steps: int) -> dict:
        started, processor = time.perf_counter(), time.process_time()
        _, delta = self.attributions.attribute(
            (batch["tokenIds"], batch["numeric"], batch["prior"]),
            baselines=(batch["baselineTokenIds"], batch["baselineNumeric"], batch["baselinePrior"]),
            additional_forward_args=(batch["tokenMask"],),
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=64,
            return_convergence_delta=True,
        )
        return {"seconds": seconds_since(started, processor), "delta": delta.abs().max().item()}
