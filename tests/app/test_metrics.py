"""What is counted, read back as Prometheus reads it."""

import os

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.metrics import Figures
from app.metrics.text import exposition
from app.scorer import Reply, Score


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
def text(client):
    client.post("/predict", json={"data": [{"ID": 1, "AGE": 23}, {"ID": 2, "AGE": 70}]})
    client.post("/predict", json={"data": []})
    client.get("/clients/987654")
    return client.get("/metrics").text


def test_requests_are_counted_and_timed_by_route_and_status(text):
    assert value(text, "requests_total", route="/predict", status="200") == 1
    assert value(text, "requests_total", route="/predict", status="400") == 1
    assert value(text, "request_seconds_count", route="/predict", status="200") == 1
    assert 0 < value(text, "request_seconds_sum", route="/predict", status="200") < 10


def test_a_path_that_is_no_route_has_no_name(text):
    assert value(text, "requests_total", route="other", status="404") == 1
    assert "987654" not in text


def test_rows_decisions_and_solvencies_are_counted(text):
    assert value(text, "rows_total") == 2
    assert value(text, "decisions_total", decision="Yes") == 1
    assert value(text, "decisions_total", decision="No") == 1
    assert value(text, "solvency_sum") == pytest.approx(0.93)
    assert value(text, "solvency_bucket", le="0.2") == 0
    assert value(text, "solvency_bucket", le="0.25") == 1
    assert value(text, "solvency_bucket", le="0.7") == 2


def test_the_model_the_scorer_and_what_is_in_flight_are_told(text):
    assert value(text, "model_info", version="unknown") == 1
    assert value(text, "scorer_up") == 1
    assert value(text, "in_flight") == 1  # the one that asks


def test_mlflows_answers_count_too(client, scorer):
    body = b'{"predictions": [{"ID": 1, "solvency": 0.5, "threshold": 0.4, "decision": "Yes"}]}'
    scorer.invoke = lambda *_: Reply("application/json", body)
    client.post("/invocations", json={"inputs": [{"ID": 1}]})

    assert value(client.get("/metrics").text, "decisions_total", decision="Yes") == 1


def in_a_process(figures, work):
    child = os.fork()
    if child == 0:
        figures.claim()
        work()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_no_count_of_a_dead_worker_is_lost_and_no_gauge_of_it_stays():
    figures = Figures(["/predict"], 1)

    def work():
        figures.begin()
        figures.observe_request("/predict", 200, 0.01, 3)
        figures.observe_answer([Score(0.5, 0.4, "Yes", 0.75)])
        figures.begin()  # and dies over it

    for _ in range(3):
        in_a_process(figures, work)
    figures.claim()
    text = exposition(figures, "m-1", True)

    assert value(text, "requests_total", route="/predict", status="200") == 3
    assert value(text, "rows_total") == 9
    assert value(text, "coverage_count") == 3
    assert value(text, "in_flight") == 0


def test_statuses_that_are_not_foreseen_are_counted_together():
    figures = Figures(["/predict"], 1)
    figures.observe_request("/predict", 418, 0.1, 0)

    text = exposition(figures, "m-1", True)
    assert value(text, "requests_total", route="/predict", status="other") == 1
