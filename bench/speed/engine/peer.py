"""The PyTorch side of the engine benchmark."""

import json
import os
import resource
import sys
import time

import torch
from safetensors.torch import load_file

from peer_loop import serve


class Peer:
    def __init__(self):
        self.loaded: dict = {}

    def versions(self, _: dict) -> dict:
        from importlib.metadata import version

        names = ["torch", "transformers", "tokenizers", "peft", "captum"]
        return {"python": sys.version.split()[0], **{name: version(name) for name in names}}

    def load(self, request: dict) -> dict:
        """One task at a time is kept, and no package imported that it does without, so that the memory is that task's."""
        subject, task = request["subject"], request["task"]
        variant = request.get("variant", "eager")
        if task == "training":
            from peer_training import Training

            kept = Training(subject, request["strategy"], variant)
        elif task == "scoring" and variant == "pipeline":
            from peer_pipeline import PipelineScoring

            kept = PipelineScoring(subject)
        elif task == "scoring":
            from peer_scoring import Scoring

            kept = Scoring(subject, variant)
        else:
            from peer_explaining import Explaining

            kept = Explaining(subject)
        self.loaded[request["id"]] = kept
        return {}

    def unload(self, request: dict) -> dict:
        self.loaded.pop(request["id"])
        torch._dynamo.reset()
        return {}

    def train(self, request: dict) -> dict:
        batches = [load_file(file) for file in request["batches"]]
        return self.loaded[request["id"]].run(batches, request["steps"], request.get("atLeast", 0.0))

    def score(self, request: dict) -> dict:
        with open(request["texts"], encoding="utf8") as file:
            texts = json.load(file)
        rows = load_file(request["rows"])
        return self.loaded[request["id"]].run(texts, rows["numeric"], rows["prior"], request["length"])

    def explain(self, request: dict) -> dict:
        return self.loaded[request["id"]].run(load_file(request["batch"]), request["steps"])

    def memory(self, _: dict) -> dict:
        """Largest resident set of this process so far."""
        return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}

    def floor(self, _: dict) -> dict:
        """Rates of a large product, in FLOP/s, and of a copy, in bytes read and written a second."""
        n, big = 2048, torch.empty(1 << 26)
        a, b, other = torch.rand(n, n), torch.rand(n, n), torch.zeros(1 << 26)
        big.zero_()

        def best(work) -> float:
            times = []
            for _ in range(7):
                started = time.perf_counter()
                work()
                times.append(time.perf_counter() - started)
            return min(times)

        return {
            "flops": 2 * n**3 / best(lambda: torch.mm(a, b)),
            "bytesPerSecond": 2 * 4 * big.numel() / best(lambda: other.copy_(big)),
        }


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("PEER_THREADS", "2")))
    serve(Peer())
