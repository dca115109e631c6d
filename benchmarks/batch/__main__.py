"""`python -m benchmarks.batch`: a million clients of 150 columns, ours beside the alternatives.

Makes a table of --rows clients (a tenth of the columns categories, and of the values missing), and
a LightGBM model of --trees trees under build/bench/batch/, as our model and in MLflow's lightgbm
flavor with its inferred signature. Then runs each contestant --rounds times, in turn, in a process
of its own, and prints medians. The first three have what they score in memory, and their time is
that of the call alone; train.score starts with a file and ends with one. CPU seconds are
of all threads: on a busy machine their ratio is the steadier one. Memory is the largest resident
size of the process, with its data.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.batch.contestants import CONTESTANTS
from benchmarks.batch.prepare import Size, prepare

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.batch",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--rows", type=int, default=1_000_000, help="clients to score")
    add("--columns", type=int, default=150, help="columns of the model")
    add("--trees", type=int, default=500, help="trees of the model")
    add("--threads", type=int, default=2, help="processors that each may use")
    add("--rounds", type=int, default=3, help="runs of each contestant")
    options = parser.parse_args()
    folder = prepare(Size(options.rows, options.columns, options.trees))
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in CONTESTANTS}
    for round in range(options.rounds):
        for name in CONTESTANTS:
            runs[name].append(measure(name, folder, options.threads))
            seconds = runs[name][-1]["seconds"]
            print(f"  round {round + 1}: {name}: {seconds:.1f} s", file=sys.stderr, flush=True)
    print(
        f"{options.rows:,} clients, {options.columns} columns, {options.trees} trees, "
        f"{options.threads} threads, median of {options.rounds}"
    )
    show(runs, options.rows)


def measure(name: str, folder: Path, threads: int) -> dict[str, float]:
    """Runs one contestant; its seconds and its peak memory in GB."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.batch.contestants", name, str(folder), str(threads)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def show(runs: dict[str, list[dict[str, float]]], rows: int) -> None:
    """One line a contestant; ratios are of its speed to that of the first, by time and by CPU."""
    medians = {
        name: {key: statistics.median(run[key] for run in of_one) for key in of_one[0]}
        for name, of_one in runs.items()
    }
    floor = next(iter(medians.values()))
    print(f"{'':45}{'s':>8}{'CPU s':>8}{'rows/s':>12}{'speed':>8}{'by CPU':>8}{'GB':>7}")
    for name, of_one in medians.items():
        seconds, cpu = of_one["seconds"], of_one["cpu"]
        print(
            f"{name:45}{seconds:8.1f}{cpu:8.1f}{rows / seconds:12,.0f}"
            f"{floor['seconds'] / seconds:8.0%}{floor['cpu'] / cpu:8.0%}{of_one['peak']:7.2f}"
        )


if __name__ == "__main__":
    main()
