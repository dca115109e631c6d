"""`python -m benchmarks.counterfactuals`: what it costs to find changes that would lead to a Yes.

Scores made-up clients one by one with the shipped champion, whose contract is given the changeable
inputs of Home Credit in memory. Each client is refused: the threshold lies a little above its
solvency, so that for some clients there are changes that suffice, and for others none. Prints the
time of one call with three counterfactuals, in one thread.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from scoring_model import ScoringModel, artifacts
from scoring_model.contract import Contract, typical_clients
from train.home_credit.directions import with_changes

CHAMPION = Path(__file__).resolve().parents[1] / "mlruns_reduced"
ABOVE = (0.001, 0.003, 0.01, 0.03)
"""By how much the threshold lies above the solvency of the client."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.counterfactuals",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--clients", type=int, default=100, help="made-up clients")
    options = parser.parse_args()
    paths = {name: str(CHAMPION / file) for name, file in artifacts.FILES.items()}
    shipped = artifacts.load(paths)
    contract = with_changes(shipped.contract, {})
    with tempfile.TemporaryDirectory() as folder:
        paths = artifacts.save(replace(shipped, contract=contract), Path(folder))
        model = ScoringModel()
        model.load_context(SimpleNamespace(artifacts=paths, model_config=None))
    clients = _varied(contract, options.clients)
    model.predict(None, clients[:1], {"threshold": 1.0, "counterfactuals": 3})
    wall, core, found = [], [], 0
    for number, client in enumerate(clients):
        (answer,) = model.predict(None, [client])
        asked = {"threshold": min(answer["solvency"] + ABOVE[number % len(ABOVE)], 1.0)}
        start, in_core = time.perf_counter(), time.process_time()
        (answer,) = model.predict(None, [client], asked | {"counterfactuals": 3})
        core.append(1000 * (time.process_time() - in_core))
        wall.append(1000 * (time.perf_counter() - start))
        found += bool(answer["counterfactuals"])
    changeable = [feature.name for feature in contract.features if feature.change]
    print(f"{shipped.estimator.booster_.num_trees()} trees, changeable: {', '.join(changeable)}")
    print(f"{len(clients)} refused clients, {found} of them with counterfactuals\n")
    print(f"{'ms a client':>12}{'median':>9}{'95 %':>9}{'most':>9}")
    for name, times in (("wall", wall), ("core", core)):
        low, high, most = np.quantile(times, (0.5, 0.95, 1.0))
        print(f"{name:>12}{low:9.1f}{high:9.1f}{most:9.1f}")


def _varied(contract: Contract, number: int) -> list[dict[str, object]]:
    """Each value of a client is that of one of three typical clients, drawn at random."""
    random = np.random.default_rng(0)
    typical = typical_clients(contract, [1, 2, 3])
    return [
        {name: typical[random.integers(3)][name] for name in contract.columns} | {contract.id: 1}
        for _ in range(number)
    ]


if __name__ == "__main__":
    main()
