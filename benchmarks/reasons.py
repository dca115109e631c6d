"""`python -m benchmarks.reasons`: TreeSHAP by tables beside LightGBM's own `pred_contrib`.

Explains made-up clients with the shipped champion, or with the --model given as a pickled LightGBM
estimator. Both ways run in turn, in one thread, and answer the same to 1e-9 or the benchmark
fails. The last line scores one client with the whole model that is shipped, with and without three
reasons. Times are medians. Memory is the growth of the process's resident size.
"""

import argparse
import gc
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cloudpickle
import numpy as np

from scoring_model import ScoringModel, artifacts
from scoring_model.contract import Matrix
from scoring_model.tree_shap import contributions_by

CHAMPION = Path(__file__).resolve().parents[1] / "mlruns_reduced"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reasons",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--model", type=Path, default=CHAMPION / "model.pkl", help="the estimator")
    parser.add_argument("--clients", type=int, default=1000, help="clients explained in one call")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of 200 single clients")
    options = parser.parse_args()
    with options.model.open("rb") as file:
        booster = cloudpickle.load(file).booster_

    def pred_contrib(clients: Matrix) -> Any:
        return booster.predict(clients, pred_contrib=True, num_threads=1)

    pred_contrib(np.zeros((1, booster.num_feature())))
    gc.collect()
    before = resident()
    start, core = time.perf_counter(), time.process_time()
    contributions = contributions_by(booster)
    seconds, core = time.perf_counter() - start, time.process_time() - core
    peak = peak_resident()
    gc.collect()
    print(
        f"{booster.num_trees()} trees; tables made in {seconds:.2f} s ({core:.2f} core s), "
        f"{resident() - before:.0f} MB kept, {max(0, peak - before):.0f} MB at most\n"
    )
    clients = made_up(booster, max(options.clients, 200))
    expected, found = pred_contrib(clients), contributions(clients)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())
    ways = {"pred_contrib": pred_contrib, "tables": contributions}
    singles = [clients[i : i + 1] for i in range(200)]
    one = medians(ways, singles, options.rounds)
    many = medians(ways, [clients[: options.clients]], options.rounds)
    print(f"{'ms':>24}{'pred_contrib':>14}{'tables':>10}{'ratio':>8}")
    for name, times in (("1 client", one), (f"{options.clients:,} clients", many)):
        slow, fast = (1000 * times[way] for way in ways)
        print(f"{name:>24}{slow:14.3f}{fast:10.3f}{slow / fast:8.1f}")
    model = ScoringModel()
    paths = {name: str(CHAMPION / file) for name, file in artifacts.FILES.items()}
    model.load_context(SimpleNamespace(artifacts=paths, model_config=None))
    example = json.loads((CHAMPION / "expected.json").read_text())["clients"]
    params = {"no reasons": {}, "3 reasons": {"reasons": 3}}
    times = medians(
        {name: partial(model.predict, None, params=each) for name, each in params.items()},
        [[client] for client in example] * (200 // len(example)),
        options.rounds,
    )
    without, with_reasons = (1000 * seconds for seconds in times.values())
    print(
        f"\nthe champion, 1 client: {without:.3f} ms, with 3 reasons {with_reasons:.3f} ms, "
        f"{with_reasons - without:.3f} ms more"
    )


def made_up(booster: Any, number: int) -> Matrix:
    """Clients as the distributions of the trees' thresholds suggest, a tenth of values missing."""
    random = np.random.default_rng(0)
    splits = booster.trees_to_dataframe().dropna(subset=["split_feature"])
    splits = splits[splits["decision_type"] == "<="]
    clients = random.integers(0, 10, (number, booster.num_feature())).astype(float)
    for name, thresholds in splits.groupby("split_feature")["threshold"]:
        values = thresholds.astype(float).to_numpy()
        clients[:, booster.feature_name().index(name)] = random.choice(values, number)
    clients[random.random(clients.shape) < 0.1] = np.nan
    return clients


def medians(
    ways: dict[str, Callable[[Any], Any]], calls: list[Any], rounds: int
) -> dict[str, float]:
    """Seconds of one call, the ways in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            for call in calls:
                start = time.perf_counter()
                way(call)
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def resident() -> float:
    """MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_resident() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
