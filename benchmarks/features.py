"""What building the history features costs, side by side with pandas, in one run.

`python -m benchmarks.features` generates the tables once at scales 0.01, 0.1 and --scale (1 is the
published size: 307,511 clients, 58 million rows) under build/bench/, or takes --data for the
largest, then runs each way in a process of its own, one after another, --rounds times, and prints
one table of medians. pandas (tests.train.oracle) makes the same columns with the same
values: tests/train/home_credit compares them.

Seconds are from starting the process to its end, Python's start included; core seconds are what it
used of all cores, which other work on the machine does not change much; memory is the largest
resident size of the process or of one of its children. A first, uncounted run at the smallest scale
warms the file cache and the compiled modules.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "bench"
SMALLER = (0.01, 0.1)
FEW = 1_000


@dataclass(frozen=True)
class Run:
    """One measured process: seconds from start to end, seconds of all cores, peak memory in GB."""

    what: str
    seconds: float
    cpu: float
    memory: float
    failed: bool


def measure(what: str, *command: str) -> Run:
    """Runs `python -m <command>` to its end, its output going to a log under the cache."""
    print(f"  {what} ...", file=sys.stderr, flush=True)
    with (CACHE / "log.txt").open("a") as log:
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    return Run(what, seconds, cpu, used.ru_maxrss * 1024 / 1e9, process.returncode != 0)


def sample(scale: float, format: str = "parquet") -> Path:
    """The folder of the tables at a scale, generated unless it is there."""
    folder = CACHE / f"scale-{scale:g}-{format}"
    if not folder.exists():
        part = folder.with_name(f".{folder.name}.part")
        options = ["--scale", f"{scale:g}", "--out", str(part), "--format", format]
        subprocess.run([sys.executable, "-m", "sample", *options], cwd=ROOT, check=True)
        part.rename(folder)
    return folder


def ours(data: Path, memory: str, threads: int) -> list[str]:
    """The command that builds the features of a folder with train.features."""
    out = ["--data", str(data), "--out", str(CACHE / "features.parquet")]
    return ["train.features", *out, "--memory", memory, "--threads", str(threads)]


def few(folder: Path) -> Path:
    """The same history with FEW of the clients as application_train."""
    made = CACHE / f"{folder.name}-{FEW}"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for path in folder.glob("*.parquet"):
        (made / path.name).symlink_to(path.absolute())
    clients = made / "application_train.parquet"
    clients.unlink()
    pq.write_table(pq.read_table(folder / clients.name).slice(0, FEW), clients)
    return made


def contestants(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """{what: its command}, ours at full size first: what the others are compared with."""
    largest = arguments.data or sample(arguments.scale)
    memory, threads, scale = arguments.memory, arguments.threads, arguments.scale
    out = ["--data", str(largest), "--out", str(CACHE / "pandas.parquet")]
    made = {
        f"ours, scale {scale:g}": ours(largest, memory, threads),
        f"pandas, scale {scale:g}": ["tests.train.oracle", *out],
        f"ours, scale {scale:g}, 2 GB limit": ours(largest, "2GB", threads),
        f"ours, scale {scale:g}, {FEW} of the clients": ours(few(largest), memory, threads),
    }
    for smaller in (s for s in SMALLER if s < scale):
        made[f"ours, scale {smaller:g}"] = ours(sample(smaller), memory, threads)
    if arguments.data is None:
        csv = sample(scale, "csv")
        made[f"ours, scale {scale:g}, from CSV"] = ours(csv, memory, threads)
    return made


def runs(arguments: argparse.Namespace) -> list[Run]:
    """The median of each way, all of them in turn in each round."""
    commands = contestants(arguments)
    measure("(warming up)", *ours(few(sample(SMALLER[0])), "2GB", arguments.threads))
    rounds = [
        [measure(what, *command) for what, command in commands.items()]
        for _ in range(arguments.rounds)
    ]
    return [median(same) for same in zip(*rounds, strict=True)]


def median(same: Sequence[Run]) -> Run:
    """Several runs of one way as one."""
    return Run(
        what=same[0].what,
        seconds=statistics.median(run.seconds for run in same),
        cpu=statistics.median(run.cpu for run in same),
        memory=max(run.memory for run in same),
        failed=any(run.failed for run in same),
    )


def table(made: list[Run]) -> str:
    """The runs as Markdown, with ratios to the first."""
    first = made[0]
    told = [
        "| run | seconds | core seconds | peak GB | time / first | core / first | GB / first |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for run in made:
        name = f"{run.what} (failed)" if run.failed else run.what
        told.append(
            f"| {name} | {run.seconds:.1f} | {run.cpu:.1f} | {run.memory:.2f} "
            f"| {run.seconds / first.seconds:.2f} | {run.cpu / first.cpu:.2f} "
            f"| {run.memory / first.memory:.2f} |"
        )
    return "\n".join(told)


def main() -> int:
    """Measures everything and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="the largest scale")
    parser.add_argument("--data", type=Path, help="tables to use as the largest, not generated")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each way")
    parser.add_argument("--memory", default="3GB", help="DuckDB's limit (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="DuckDB's cores")
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    made = runs(arguments)
    print(table(made))
    return int(any(run.failed for run in made))


if __name__ == "__main__":
    sys.exit(main())
