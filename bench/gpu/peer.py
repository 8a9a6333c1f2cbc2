"""The PyTorch side of the GPU benchmark.

The network is the one of the engine benchmark, on the device that PEER_DEVICE names: cuda or cpu.
"""

import os
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "speed" / "engine"))
from peer_loop import serve  # noqa: E402
from peer_model import expected_value, load_model, loss_of  # noqa: E402

DEVICE = torch.device(os.environ.get("PEER_DEVICE", "cuda"))


class Task:
    """Training or scoring of one model, in one of PyTorch's ways to compute."""

    def __init__(self, request: dict):
        subject, variant = request["subject"], request["variant"]
        # float32 is exact; tf32 lets products round their inputs to 10 bits, as CUDA's libraries offer.
        torch.set_float32_matmul_precision("high" if variant in ("tf32", "compile") else "highest")
        self.autocast = variant == "bfloat16"
        self.trains = request["task"] == "training"
        self.model = load_model(subject["encoder"], subject["features"], subject["weights"]).to(DEVICE)
        self.model.train(self.trains)
        self.forward = torch.compile(self.model) if variant == "compile" else self.model
        self.batches = [load_file(file) for file in request["batches"]]
        self.done = 0
        if self.trains:
            named = list(self.model.named_parameters())
            spared = {name for name, _ in named if name.endswith("bias") or "LayerNorm" in name}
            self.parameters = [parameter for _, parameter in named]
            self.optimizer = torch.optim.AdamW(
                [
                    {"params": [p for name, p in named if name not in spared], "weight_decay": 0.01},
                    {"params": [p for name, p in named if name in spared], "weight_decay": 0.0},
                ],
                lr=1e-4,
                fused=True,
            )

    def next_batch(self) -> dict:
        batch = self.batches[self.done % len(self.batches)]
        self.done += 1
        return {name: tensor.to(DEVICE) for name, tensor in batch.items()}

    def output_of(self, batch: dict):
        with torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=self.autocast):
            return self.forward(batch["tokenIds"], batch["tokenMask"], batch["numeric"], batch["prior"])

    def train_step(self) -> float:
        batch = self.next_batch()
        loss = loss_of(self.output_of(batch), batch["value"], batch["weight"])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss.item()

    def score_batch(self) -> float:
        with torch.inference_mode():
            return expected_value(self.output_of(self.next_batch()).float()).cpu()[0].item()

    def run(self, repeats: int) -> dict:
        step = self.train_step if self.trains else self.score_batch
        started = time.perf_counter()
        numbers = [step() for _ in range(repeats)]
        return {"seconds": time.perf_counter() - started, "numbers": numbers}


class Peer:
    def __init__(self):
        self.task: Task | None = None

    def versions(self, _: dict) -> dict:
        from importlib.metadata import version

        name = torch.cuda.get_device_name() if DEVICE.type == "cuda" else "CPU"
        return {
            "torch": torch.__version__,
            "transformers": version("transformers"),
            "cuda": torch.version.cuda or "none",
            "device": name,
        }

    def load(self, request: dict) -> dict:
        self.task = None
        torch._dynamo.reset()
        if DEVICE.type == "cuda":
            torch.cuda.empty_cache()
        self.task = Task(request)
        return {}

    def run(self, request: dict) -> dict:
        return self.task.run(request["repeats"])


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("PEER_THREADS", "2")))
    serve(Peer())
