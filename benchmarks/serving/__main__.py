"""`python -m benchmarks.serving`: one table, one plot, the goals."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from benchmarks.serving import floor
from benchmarks.serving.contestants import ALL
from benchmarks.serving.load import Load
from benchmarks.serving.measure import Result, measure, started
from benchmarks.serving.models import make
from benchmarks.serving.plot import draw
from benchmarks.serving.table import goals, table

GOALS_FOR = 150
"""Columns of the model that the goals are stated for."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with all servers stopped
    options.out.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # advice to the author of a model
    results = {columns: _run(columns, options) for columns in options.columns}
    print(f"\n{_machine()}\n")
    missed = 0
    for columns, some in results.items():
        print(table(columns, some), end="\n\n")
        missed += _print_goals(some, options.margin) if columns == GOALS_FOR else 0
    draw(results, options.out / "serving.png")
    return 1 if options.check and missed else 0


def _print_goals(results: Sequence[Result], margin: float) -> int:
    """Prints each goal; returns how many were missed by more than the margin."""
    missed = 0
    for what, ratio, least in goals(results):
        verdict = "met" if ratio >= least else "missed"
        print(f"{what}: {ratio:.2f} (goal: at least {least:.2f}), {verdict}")
        missed += ratio < least * (1 - margin)
    return missed


def _run(columns: int, options: argparse.Namespace) -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="serving-") as folder:
        models = Path(folder) / "models"
        print(f"{columns} columns: training", flush=True)
        make(columns, models)
        clients = json.loads((models / "clients.json").read_text())
        contestants = [entry(models) for entry in ALL]
        chosen = [one for one in contestants if options.only in one.name]
        load = Load(1, options.requests, options.seconds)
        with started(chosen, clients, options.out, options.starts) as (running, results):
            measure(running, clients, load, options.rounds)
            return [*results, floor.booster(models)]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.serving", description=__doc__)
    add = parser.add_argument
    add("--columns", type=int, nargs="+", default=[150, 600], help="widths of the models")
    add("--rounds", type=int, default=5, help="times that everyone takes a turn")
    add("--requests", type=int, default=1000, help="at most, in a round of one contestant")
    add("--seconds", type=float, default=3.0, help="at most, for a round of one contestant")
    add("--starts", type=int, default=3, help="starts, of which the quickest counts")
    add("--quick", action="store_true", help="one width, two short rounds, one start: minutes")
    add("--check", action="store_true", help="exit code 1 if a goal is missed by the margin")
    add("--margin", type=float, default=0.3, help="for noise, as a proportion of a goal")
    add("--only", default="", help="contestants whose name has this part")
    add("--out", type=Path, default=Path("build/serving"), help="folder of logs and of the plot")
    options = parser.parse_args(arguments)
    if options.quick:
        options.columns, options.rounds, options.seconds, options.starts = [GOALS_FOR], 2, 1.0, 1
    return options


def _machine() -> str:
    """What the figures depend on."""
    python, load = platform.python_version(), os.getloadavg()[0]
    return f"{platform.machine()}, {os.cpu_count()} CPUs, Python {python}, load average {load:.1f}"


if __name__ == "__main__":
    sys.exit(main())
