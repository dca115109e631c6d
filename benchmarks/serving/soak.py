"""Whether memory, open files and threads stay as they were under 100,000 requests:
`python -m benchmarks.serving.soak`; exit code 1 if they do not."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.serving.contestants import environment
from benchmarks.serving.contestants.contestant import PROJECT
from benchmarks.serving.contestants.shim import forwarding, in_process
from benchmarks.serving.load import Load, request, run
from benchmarks.serving.models import make
from benchmarks.serving.process import Held, Process, free_port

CLIENTS, STEPS, COLUMNS = 4, 10, 150
HOUR = 3600.0
MOST_MB, MOST_FILES, MOST_THREADS = 10.0, 5, 2
"""By how much the last tenth may exceed the first, after which every cache is filled."""


def main() -> int:
    """Prints PSS, files and threads before, and after every tenth of the requests."""
    parser = argparse.ArgumentParser("python -m benchmarks.serving.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--forwarding", action="store_true", help="instead of in-process")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        models = Path(folder) / "models"
        make(COLUMNS, models)
        contestant = (forwarding if options.forwarding else in_process)(models)
        clients = json.loads((models / "clients.json").read_text())
        bodies = [contestant.body([client]) for client in clients]
        port = free_port()
        command, log = contestant.command(port), Path(folder) / "log"
        process = Process(command, environment(contestant, port), PROJECT, log)
        try:
            process.first_answer(port, contestant.path, bodies[0])
            print(f"at the start: {_told(process.held())}", flush=True)
            seen = []
            requests = [request(contestant.path, body) for body in bodies]
            for step in range(1, STEPS + 1):
                run(port, requests, Load(CLIENTS, options.requests // STEPS, HOUR))
                done = step * options.requests // STEPS
                seen.append(process.held())
                print(f"{done} requests: {_told(seen[-1])}", flush=True)
        finally:
            process.stop()
    return int(_grew(seen[0], seen[-1]))


def _told(held: Held) -> str:
    return f"{held.megabytes:.1f} MB, {held.files} files, {held.threads} threads"


def _grew(first: Held, last: Held) -> bool:
    return (
        last.megabytes > first.megabytes + MOST_MB
        or last.files > first.files + MOST_FILES
        or last.threads > first.threads + MOST_THREADS
    )


if __name__ == "__main__":
    sys.exit(main())
