"""Whether memory stays flat: `python -m benchmarks.serving.soak` sends 100,000 requests."""

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
from benchmarks.serving.process import Process, free_port

CLIENTS, STEPS, COLUMNS = 4, 10, 150
HOUR = 3600.0


def main() -> int:
    """Prints the PSS before, and after every tenth of the requests."""
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
            print(f"at the start: {process.memory():.1f} MB", flush=True)
            requests = [request(contestant.path, body) for body in bodies]
            for step in range(1, STEPS + 1):
                run(port, requests, Load(CLIENTS, options.requests // STEPS, HOUR))
                done = step * options.requests // STEPS
                print(f"{done} requests: {process.memory():.1f} MB", flush=True)
        finally:
            process.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
