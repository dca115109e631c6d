"""What building the history features costs, side by side with pandas, in one run.

`python -m benchmarks.features` generates the tables once at scales 0.01, 0.1 and --scale (1 is the
published size: 307,511 clients, 58 million rows) under build/bench/, or takes --data for the
largest, then runs each way in a process of its own, one after another, and prints one table.

Seconds are from starting the process to its end, Python's start included; core seconds are what it
used of all cores, which other work on the machine does not change much; memory is the largest
resident size of the process or of one of its children. A first, uncounted run at the smallest scale
warms the file cache and the compiled modules.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "bench"
SMALLER = (0.01, 0.1)


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
        subprocess.run([sys.executable, "-m", "train.sample", *options], cwd=ROOT, check=True)
        part.rename(folder)
    return folder


def ours(what: str, data: Path, memory: str, threads: int) -> Run:
    """train.features on a folder."""
    out = ["--data", str(data), "--out", str(CACHE / "features.parquet")]
    return measure(what, "train.features", *out, "--memory", memory, "--threads", str(threads))


def runs(arguments: argparse.Namespace) -> list[Run]:
    """All ways, ours at full size first: what the others are compared with."""
    largest = arguments.data or sample(arguments.scale)
    smaller = {scale: sample(scale) for scale in SMALLER if scale < arguments.scale}
    threads = arguments.threads
    ours("(warming up)", next(iter(smaller.values()), largest), "2GB", threads)
    made = [ours(f"ours, scale {arguments.scale:g}", largest, arguments.memory, threads)]
    for scale, folder in smaller.items():
        made.append(ours(f"ours, scale {scale:g}", folder, arguments.memory, threads))
    made.append(ours(f"ours, scale {arguments.scale:g}, 2 GB limit", largest, "2GB", threads))
    if arguments.data is None:
        csv = sample(arguments.scale, "csv")
        made.append(
            ours(f"ours, scale {arguments.scale:g}, from CSV", csv, arguments.memory, threads)
        )
    out = ["--data", str(largest), "--out", str(CACHE / "pandas.parquet")]
    made.append(measure(f"pandas, scale {arguments.scale:g}", "benchmarks.features_pandas", *out))
    return made


def table(made: list[Run]) -> str:
    """The runs as Markdown, with ratios to the first."""
    first = made[0]
    told = [
        "| run | seconds | core seconds | peak GB | time / first | memory / first |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for run in made:
        name = f"{run.what} (failed)" if run.failed else run.what
        told.append(
            f"| {name} | {run.seconds:.1f} | {run.cpu:.1f} | {run.memory:.2f} "
            f"| {run.seconds / first.seconds:.2f} | {run.memory / first.memory:.2f} |"
        )
    return "\n".join(told)


def main() -> int:
    """Measures everything and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="the largest scale")
    parser.add_argument("--data", type=Path, help="tables to use as the largest, not generated")
    parser.add_argument("--memory", default="3GB", help="DuckDB's limit (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="DuckDB's cores")
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    made = runs(arguments)
    print(table(made))
    return int(any(run.failed for run in made))


if __name__ == "__main__":
    sys.exit(main())
