"""Narratives to predictions with a Hugging Face tokenizer and a model in inference mode."""

import time

import torch
from tokenizers import Tokenizer

from peer_model import expected_value, load_model, seconds_since

BATCH = 32


class Scoring:
    def __init__(self, subject: dict, variant: str):
        self.model = load_model(subject["encoder"], subject["features"], subject["weights"]).eval()
        self.forward = torch.compile(self.model) if variant == "compile" else self.model
        self.autocast = variant == "bfloat16"
        # "sorted": batches of like lengths, which the pipeline does not make by itself.
        self.sorted = variant == "sorted"
        self.tokenizer = Tokenizer.from_file(subject["tokenizer"])

    def run(self, texts: list, numeric, prior, length: int) -> dict:
        started, processor = time.perf_counter(), time.process_time()
        self.tokenizer.enable_truncation(length)
        self.tokenizer.enable_padding(pad_id=0)
        order = list(range(len(texts)))
        if self.sorted:
            order.sort(key=lambda i: len(texts[i]))
        values = torch.empty(len(texts))
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.autocast):
            for start in range(0, len(texts), BATCH):
                rows = order[start : start + BATCH]
                encodings = self.tokenizer.encode_batch([texts[i] for i in rows])
                ids = torch.tensor([e.ids for e in encodings])
                mask = torch.tensor([e.attention_mask for e in encodings])
                index = torch.tensor(rows)
                output = self.forward(ids, mask, numeric[index], prior[index])
                values[index] = expected_value(output.float())
        return {"seconds": seconds_since(started, processor), "values": values.tolist()}
