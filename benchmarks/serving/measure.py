"""Starts every contestant, then asks them in turn, round after round, so that noise hits all."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving.contestants import Contestant, environment
from benchmarks.serving.contestants.contestant import PROJECT, Record
from benchmarks.serving.load import Load
from benchmarks.serving.models import pick
from benchmarks.serving.process import DidNotStart, Process, free_port

BODIES = 20
"""Different requests that take turns."""

WARM_UP = Load(clients=1, requests=30, seconds=5)


class Case(NamedTuple):
    """So many rows a request, from so many clients at once."""

    rows: int
    clients: int


CASES = (Case(1, 1), Case(1, 8), Case(10, 1), Case(100, 1), Case(100, 8), Case(1000, 1))


class Round(NamedTuple):
    """Milliseconds, and requests per second."""

    p50: float
    p99: float
    rate: float


@dataclass
class Result:
    """What one contestant did; `missing` says why it did nothing."""

    name: str
    start: float = 0.0
    memory: float = 0.0
    missing: str = ""
    rounds: dict[Case, list[Round]] = field(default_factory=dict)

    def median(self, case: Case) -> Round | None:
        """Of each figure over the rounds."""
        rounds = self.rounds.get(case)
        return Round(*map(statistics.median, zip(*rounds, strict=True))) if rounds else None


@dataclass
class Running:
    """A contestant that answers."""

    contestant: Contestant
    process: Process
    port: int
    result: Result

    def ask(self, bodies: Sequence[bytes], load: Load) -> Round:
        """One round. Raises CalledProcessError if a request fails."""
        command = [sys.executable, "-m", "benchmarks.serving.load"]
        command += [str(self.port), self.contestant.path, *map(str, load)]
        done = subprocess.run(
            command, cwd=PROJECT, input=b"\n".join(bodies), stdout=subprocess.PIPE, check=True
        )
        figures = json.loads(done.stdout)
        each = sorted(figures["each"])
        p99 = each[min(len(each) - 1, round(0.99 * len(each)))]
        return Round(statistics.median(each), p99, len(each) / figures["whole"] * 1000)


@contextmanager
def started(
    contestants: Sequence[Contestant], clients: list[Record], logs: Path, starts: int
) -> Iterator[tuple[list[Running], list[Result]]]:
    """Those that came up, the quickest of `starts` starts noted, and the results of all."""
    running: list[Running] = []
    results: list[Result] = []
    try:
        for contestant in contestants:
            result = Result(contestant.name)
            results.append(result)
            if contestant.missing:
                result.missing = f"skipped, there is no {contestant.missing.relative_to(PROJECT)}"
                continue
            try:
                running.append(_best_start(contestant, result, clients, logs, starts))
            except DidNotStart as error:
                result.missing = str(error)
        yield running, results
    finally:
        for one in running:
            one.process.stop()


def _best_start(
    contestant: Contestant, result: Result, clients: list[Record], logs: Path, starts: int
) -> Running:
    body, seconds = contestant.body((contestant.clients or clients)[:1]), []
    for number in range(starts):
        port = free_port()
        log = logs / f"{contestant.name.replace(' ', '-')}-{number}.log"
        command, environ = contestant.command(port), environment(contestant, port)
        process = Process(command, environ, PROJECT, log)
        try:
            seconds.append(process.first_answer(port, contestant.path, body))
        except DidNotStart:
            process.stop()
            raise
        result.start = min(seconds)
        print(f"  {contestant.name}: first answer after {seconds[-1]:.1f} s", flush=True)
        if number < starts - 1:
            process.stop()
    return Running(contestant, process, port, result)


def measure(running: Sequence[Running], clients: list[Record], load: Load, rounds: int) -> None:
    """Fills in the results: every case of every contestant in each round."""
    for case in CASES:
        bodies = {
            one.port: [
                one.contestant.body(pick(one.contestant.clients or clients, case.rows, number))
                for number in range(BODIES)
            ]
            for one in running
        }
        for number in range(rounds):
            for one in running:
                if number == 0:
                    one.ask(bodies[one.port], WARM_UP)
                share = Load(case.clients, load.requests, load.seconds)
                one.result.rounds.setdefault(case, []).append(one.ask(bodies[one.port], share))
        print(
            f"  {case.rows} rows, {case.clients} clients at once, p50 and requests/s:", flush=True
        )
        for one in running:
            if median := one.result.median(case):
                print(f"    {one.result.name}: {median.p50:.2f} ms, {median.rate:.0f}", flush=True)
    for one in running:
        one.result.memory = one.process.memory()
