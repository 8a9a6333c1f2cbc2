"""Scoring as transformers' documentation has it for a model of one's own: a subclass of `Pipeline`, in batches of 32."""

import time

import torch
from torch.utils.data import Dataset
from transformers import BertConfig, Pipeline, PreTrainedModel, PreTrainedTokenizerFast

from peer_model import expected_value, load_model, seconds_since

BATCH = 32


class ServedModel(PreTrainedModel):
    config_class = BertConfig
    _supports_sdpa = True

    def __init__(self, model):
        super().__init__(model.bert.config)
        self.model = model

    def forward(self, input_ids, attention_mask, numeric, prior):
        return {"value": expected_value(self.model(input_ids, attention_mask, numeric, prior))}


class ClvPipeline(Pipeline):
    def _sanitize_parameters(self, max_length=None, **_):
        return {"max_length": max_length} if max_length else {}, {}, {}

    def preprocess(self, row, max_length=512):
        tokens = self.tokenizer(row["text"], truncation=True, max_length=max_length, return_tensors="pt")
        return {
            "input_ids": tokens["input_ids"],
            "attention_mask": tokens["attention_mask"],
            "numeric": row["numeric"].unsqueeze(0),
            "prior": row["prior"].unsqueeze(0),
        }

    def _forward(self, inputs):
        return self.model(**inputs)

    def postprocess(self, outputs):
        return outputs["value"].item()


class Rows(Dataset):
    def __init__(self, texts, numeric, prior):
        self.texts, self.numeric, self.prior = texts, numeric, prior

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, i):
        return {"text": self.texts[i], "numeric": self.numeric[i], "prior": self.prior[i]}


class PipelineScoring:
    def __init__(self, subject: dict):
        model = load_model(subject["encoder"], subject["features"], subject["weights"]).eval()
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=subject["tokenizer"], pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
        )
        self.pipeline = ClvPipeline(model=ServedModel(model).eval(), tokenizer=tokenizer, batch_size=BATCH)

    def run(self, texts: list, numeric, prior, length: int) -> dict:
        started, processor = time.perf_counter(), time.process_time()
        with torch.inference_mode():
            values = list(self.pipeline(Rows(texts, numeric, prior), max_length=length))
        return {"seconds": seconds_since(started, processor), "values": values}
