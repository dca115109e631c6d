"""What is counted, read back as Prometheus reads it."""

import os
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.app.caller import JSON


def read(text):
    """(name, labels) -> value."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text, name, **labels):
    return read(text)[f"credit_scoring_{name}", *sorted(labels.items())]


@pytest.fixture
def counted(entry):
    """A function: requests -> by how much a metric rose; the registry is the process's."""

    def count(*requests):
        before = read(entry.ask("GET", "/metrics").text)
        for method, path, body in requests:
            entry.ask(method, path, [("Content-Type", JSON)], body)
        after = read(entry.ask("GET", "/metrics").text)

        def rise(name, **labels):
            key = f"credit_scoring_{name}", *sorted(labels.items())
            return after.get(key, 0) - before.get(key, 0)

        return rise

    return count


TWO = b'{"data": [{"ID": 1, "AGE": 23}, {"ID": 2, "AGE": 70}]}'


def test_requests_are_counted_and_timed_by_route_and_status(counted):
    rise = counted(("POST", "/predict", TWO), ("POST", "/predict", b'{"data": []}'))

    assert rise("requests_total", route="/predict", status="200") == 1
    assert rise("requests_total", route="/predict", status="400") == 1
    assert rise("request_seconds_count", route="/predict", status="200") == 1
    assert 0 < rise("request_seconds_sum", route="/predict", status="200") < 10


def test_a_path_that_is_no_route_has_no_name(entry, counted):
    rise = counted(("GET", "/clients/987654", b""))

    assert rise("requests_total", route="other", status="404") == 1
    assert "987654" not in entry.ask("GET", "/metrics").text


@pytest.mark.parametrize(
    ("path", "body"), [("/predict", TWO), ("/invocations", TWO.replace(b"data", b"inputs"))]
)
def test_rows_decisions_and_solvencies_are_counted(counted, scorer, path, body):
    scorer.extra = {"coverage": 0.75}
    rise = counted(("POST", path, body))

    assert rise("rows_total") == 2
    assert rise("decisions_total", decision="Yes") == 1
    assert rise("decisions_total", decision="No") == 1
    assert rise("solvency_sum") == pytest.approx(0.93)
    assert rise("solvency_bucket", le="0.2") == 0
    assert rise("solvency_bucket", le="0.25") == 1
    assert rise("coverage_sum") == 1.5


def test_the_model_and_the_scorer_are_shown(entry):
    text = entry.ask("GET", "/metrics").text

    assert value(text, "model_info", version="m-1") == 1
    assert value(text, "scorer_up") == 1
    assert value(text, "log_lines_lost_total") >= 0


WORK = """
import os
from app import metrics
metrics.IN_FLIGHT.inc()
metrics.observe_request("/predict", 200, 0.01, 3)
metrics.observe_scores([{"decision": "Yes", "solvency": 0.5, "coverage": 0.75}])
os.kill(os.getpid(), 9)
"""
SHOW = """
from app import metrics
metrics.forget_dead_workers()
metrics.IN_FLIGHT.inc()
print(metrics.exposition("m-1", True, 0).decode())
"""


def test_what_a_killed_worker_counted_is_kept_and_its_gauges_are_not(tmp_path):
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(program):
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    assert [run(WORK).returncode for _ in range(3)] == [-9] * 3
    text = run(SHOW).stdout

    assert value(text, "requests_total", route="/predict", status="200") == 3
    assert value(text, "request_seconds_count", route="/predict", status="200") == 3
    assert value(text, "rows_total") == 9
    assert value(text, "decisions_total", decision="Yes") == 3
    assert value(text, "coverage_sum") == 2.25
    assert value(text, "in_flight") == 1
