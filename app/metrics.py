"""What the service counts, for Prometheus.

`PROMETHEUS_MULTIPROC_DIR`, which `python -m app` sets, lets worker processes count into files that
outlive them, so that nothing is lost with a killed worker.
"""

import os
from collections import Counter as Counted
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from app import log

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
OTHER = "other"
"""The route of a path that is none."""

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
PROPORTIONS = tuple(round(0.05 * step, 2) for step in range(1, 21))

REQUESTS = Counter(
    "credit_scoring_requests", "Requests answered, by route and status.", ["route", "status"]
)
LATENCY = Histogram(
    "credit_scoring_request_seconds", "Time to the answer, by route and status.",
    ["route", "status"], buckets=SECONDS,
)  # fmt: skip
IN_FLIGHT = Gauge(
    "credit_scoring_in_flight", "Requests received and not answered yet.",
    multiprocess_mode="livesum",
)  # fmt: skip
ROWS = Counter("credit_scoring_rows", "Clients in the requests.")
DECISIONS = Counter("credit_scoring_decisions", "Clients scored, by decision.", ["decision"])
DROPPED = Counter("credit_scoring_decisions_dropped", "Decisions not kept: the spool was full.")
SOLVENCY = Histogram(
    "credit_scoring_solvency", "Solvency of the clients scored.", buckets=PROPORTIONS
)
COVERAGE = Histogram(
    "credit_scoring_coverage", "Proportion of the model's gain whose columns a client had.",
    buckets=PROPORTIONS,
)  # fmt: skip
_by_decision = {decision: DECISIONS.labels(decision) for decision in ("Yes", "No")}
_by_route: dict[tuple[str, int], tuple[Any, Any]] = {}


def observe_request(route: str | None, status: int, seconds: float, rows: int | None) -> None:
    """Counts an answered request."""
    key = route or OTHER, status
    found = _by_route.get(key)
    if found is None:
        labels = key[0], str(int(status))
        found = _by_route[key] = REQUESTS.labels(*labels), LATENCY.labels(*labels)
    found[0].inc()
    found[1].observe(seconds)
    if rows:
        ROWS.inc(rows)


def observe_scores(rows: Sequence[Mapping[str, Any]]) -> None:
    """Counts the clients of one answer."""
    for decision, number in Counted(row["decision"] for row in rows).items():
        _by_decision[decision].inc(number)
    for row in rows:
        SOLVENCY.observe(row["solvency"])
        if (coverage := row.get("coverage")) is not None:
            COVERAGE.observe(coverage)


def forget_dead_workers() -> None:
    """Removes the gauges of worker processes that have ended. Called when a worker starts."""
    directory = os.environ.get(DIRECTORY)
    if directory:
        for file in Path(directory).glob("gauge_live*_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not Path(f"/proc/{pid}").exists():
                mark_process_dead(pid)  # type: ignore[no-untyped-call]


def exposition(model_version: str, scorer_up: bool, spool_bytes: int) -> bytes:
    """All metrics of all workers, and the state of the model, in Prometheus's text format."""
    registry = REGISTRY
    if os.environ.get(DIRECTORY):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    state = CollectorRegistry()
    state.register(_State(model_version, scorer_up, spool_bytes))
    return generate_latest(registry) + generate_latest(state)


class _State:
    """What only the process that answers knows."""

    def __init__(self, model_version: str, scorer_up: bool, spool_bytes: int) -> None:
        self._version, self._up, self._spool_bytes = model_version, scorer_up, spool_bytes

    def collect(self) -> Iterator[Metric]:
        model = GaugeMetricFamily(
            "credit_scoring_model_info", "The model that answers.", labels=["version"]
        )
        model.add_metric([self._version], 1)
        yield model
        yield GaugeMetricFamily(
            "credit_scoring_scorer_up", "Whether the scorer gives the expected score.", self._up
        )
        yield GaugeMetricFamily(
            "credit_scoring_spool_bytes", "Kept and not delivered yet.", self._spool_bytes
        )
        yield CounterMetricFamily(
            "credit_scoring_log_lines_lost", "Log lines that stderr did not take.", log.lost_lines
        )
