"""Training steps as PyTorch's documentation writes them, with fused AdamW; adapters by peft."""

import time

import torch

from peer_model import load_model, loss_of, seconds_since

RANK, ALPHA = 8, 16


def trainable_model(subject: dict, strategy: str):
    model = load_model(subject["encoder"], subject["features"], subject["weights"])
    if strategy != "FULL":
        model.bert.requires_grad_(False)
    if strategy == "LORA":
        from peft import LoraConfig, inject_adapter_in_model

        config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=["query", "value"])
        model.bert = inject_adapter_in_model(config, model.bert)
    return model.train()


class Training:
    def __init__(self, subject: dict, strategy: str, variant: str):
        self.model = trainable_model(subject, strategy)
        self.autocast = variant == "bfloat16"
        self.forward = torch.compile(self.model) if variant == "compile" else self.model
        trained = [(name, p) for name, p in self.model.named_parameters() if p.requires_grad]
        decayed = [p for name, p in trained if not name.endswith("bias") and "LayerNorm" not in name]
        others = [p for name, p in trained if name.endswith("bias") or "LayerNorm" in name]
        groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
        self.parameters = [p for _, p in trained]
        self.optimizer = torch.optim.AdamW(groups, lr=1e-4, fused=True)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=10_000)
        self.step_number = 0

    def step(self, batch: dict) -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.autocast):
            output = self.forward(batch["tokenIds"], batch["tokenMask"], batch["numeric"], batch["prior"])
        loss = loss_of(output, batch["value"], batch["weight"])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.schedule.step()
        return loss.item()

    def run(self, batches: list, steps: int, at_least: float = 0.0) -> dict:
        """Steps, at least that many, until at least so many seconds are over."""
        started, processor = time.perf_counter(), time.process_time()
        losses = []
        while len(losses) < steps or time.perf_counter() - started < at_least:
            losses.append(self.step(batches[self.step_number % len(batches)]))
            self.step_number += 1
        return {"seconds": seconds_since(started, processor), "losses": losses}
