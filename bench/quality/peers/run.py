"""Fits the peers to the exported folds and writes their predictions. See README.md."""

import os

# Read once, when numpy and torch are loaded. The tables are small: more threads would only wait for each other.
THREADS = 1
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, str(THREADS))

import argparse
import platform
import time
import traceback
import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from peers.exchange import Fold, folds_in

MODULES = [
    "naive",
    "bg_nbd",
    "pareto_nbd",
    "pymc_pareto_nbd",
    "lightgbm_tweedie",
    "lightgbm_hurdle",
    "catboost_hurdle",
    "xgboost_tweedie",
    "ziln_dnn",
    "ft_transformer",
]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder with <protocol>/<fold>/{train,test}.csv")
    parser.add_argument("--protocol", action="append", help="P1 ..., S1 ...; may be repeated; default all")
    parser.add_argument("--fold", action="append", help="all, fold1 ...; may be repeated; default all")
    parser.add_argument("--model", action="append", help="may be repeated; default all")
    parser.add_argument("--seed", type=int, action="append", help="may be repeated; default see README.md")
    parser.add_argument("--seeds", type=int, help="how many a fold, where no --seed names them")
    parser.add_argument("--skip-existing", action="store_true", help="keep predictions made of the same files")
    return parser.parse_args()


def default_seeds(fold: Fold, count: int | None) -> list[int]:
    """The same as ours. By default five a protocol: all in its one fold, or one in each of the five."""
    first, usual = (1, 5) if fold.name == "all" else (int(fold.name.removeprefix("fold")), 1)
    return [(first + i - 1) % 5 + 1 for i in range(count or usual)]


def run_peer(peer, fold: Fold, seeds: list[int], skip_existing: bool) -> None:
    seeds = seeds if peer.seeds_matter else [1]
    if skip_existing:
        seeds = [seed for seed in seeds if not fold.is_predicted(peer.name, seed)]
    if not seeds:
        return
    versions = {"python": platform.python_version(), **{name: version(name) for name in peer.packages}}
    began = time.perf_counter()
    prepared = peer.prepare(fold)
    search_seconds = round(time.perf_counter() - began, 2)
    for seed in seeds:
        began = time.perf_counter()
        prediction, notes = peer.predict(fold, prepared, seed)
        seconds = {"search": search_seconds, "fit_and_predict": round(time.perf_counter() - began, 2)}
        record = {"model": peer.name, "seed": seed, **prepared, **notes, "seconds": seconds, "versions": versions}
        fold.write(peer.name, seed, prediction, record)
        print(
            f"{fold.protocol} {fold.name} {peer.name} seed {seed}: search {seconds['search']} s, "
            f"fit {seconds['fit_and_predict']} s, mean {prediction['expected_value'].mean():.2f}, "
            f"{prepared['configuration']}",
            flush=True,
        )


def main() -> int:
    chosen = arguments()
    # The packages' own deprecations would drown the progress.
    warnings.filterwarnings("ignore")
    wanted = [
        fold
        for fold in folds_in(chosen.work)
        if (not chosen.protocol or fold.protocol in chosen.protocol) and (not chosen.fold or fold.name in chosen.fold)
    ]
    if not wanted:
        print(f"There is no such fold in {chosen.work}; export the folds first.")
        return 1
    peers = [peer for module in MODULES for peer in import_module(f"peers.{module}").PEERS]
    unknown = set(chosen.model or []) - {peer.name for peer in peers}
    if unknown:
        print(f"There is no peer {sorted(unknown)}; there are {[peer.name for peer in peers]}.")
        return 1
    failed = []
    for fold in wanted:
        for peer in peers:
            if chosen.model and peer.name not in chosen.model:
                continue
            try:
                run_peer(peer, fold, chosen.seed or default_seeds(fold, chosen.seeds), chosen.skip_existing)
            except Exception:
                # One peer that fails on one fold must not cost the hours of the others; the exit status tells.
                traceback.print_exc()
                failed.append(f"{fold.protocol} {fold.name} {peer.name}")
    for name in failed:
        print(f"FAILED {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
