"""More callers than the service takes on: some are answered, the others at once refused."""

import socket
import threading
import time

import pytest
import urllib3

from tests.service.processes import until
from tests.service.prometheus import read, value

FACTS = {"time", "event", "request_id", "method", "route", "status", "ms", "rows", "model"}
CALLERS, LIMIT, SECONDS = 60, 4, 5.0


@pytest.fixture
def hanging(serving):
    """A service that takes on four requests, before a scoring server that never answers."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=100) as never_answers,
        serving(
            SCORER_URL=f"http://127.0.0.1:{never_answers.getsockname()[1]}",
            TIMEOUT_SECONDS=str(SECONDS),
            THREADS="2",
            MAX_IN_FLIGHT=str(LIMIT),
        ) as service,
    ):
        yield service.accepts()


def ask_at_once(service, body):
    """The (status, Retry-After, seconds) that each of many callers got."""
    seen = []

    def ask():
        with urllib3.HTTPConnectionPool("127.0.0.1", service.port, retries=False) as pool:
            begun = time.monotonic()
            answer = pool.request("POST", "/predict", json=body, timeout=60)
            seen.append(
                (answer.status, answer.headers.get("Retry-After"), time.monotonic() - begun)
            )

    callers = [threading.Thread(target=ask) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    return callers, seen


def test_beyond_the_limit_callers_are_refused_at_once_while_probes_are_answered(
    hanging, make_client
):
    callers, seen = ask_at_once(hanging, {"data": make_client(1)})
    until(lambda: len(seen) >= CALLERS - LIMIT, 20)
    refused = list(seen)
    probes = [hanging.ask("GET", path).status for path in ("/health/live", "/metrics")]
    ready = hanging.ask("GET", "/health/ready")
    for caller in callers:
        caller.join()

    assert {(status, after) for status, after, _ in refused} == {(503, "2")}
    assert sorted(seconds for *_, seconds in refused)[len(refused) // 2] < SECONDS / 2
    assert probes == [200, 200]
    assert (ready.status, ready.headers["Retry-After"]) == (503, "2")
    assert [status for status, *_ in seen].count(504) == LIMIT
    requests = [line for line in hanging.lines() if line["event"] == "request"]
    assert all(line.keys() == FACTS for line in requests)
    refusals = [line for line in hanging.lines() if line.get("status") == 503]
    assert len(refusals) == len(refused) + 1  # and that of /health/ready
    text = hanging.ask("GET", "/metrics").data.decode()
    assert sum(
        count
        for (name, *labels), count in read(text).items()
        if name == "credit_scoring_requests_total" and ("status", "503") in labels
    ) == len(refusals)
    assert value(text, "in_flight") == 1


def test_silent_connections_delay_no_other(in_process, make_client):
    silent = [socket.create_connection(("127.0.0.1", in_process.port)) for _ in range(100)]
    begun = time.monotonic()
    answer = in_process.ask("POST", "/predict", {"data": make_client(1)})
    for one in silent:
        one.close()

    assert answer.status == 200
    assert time.monotonic() - begun < 4


def test_scoring_in_process_that_takes_longer_than_the_limit_is_504(serving, make_client):
    with serving(SCORER="in-process", TIMEOUT_SECONDS="0.01") as service:
        service.ready()
        many = {"data": [make_client(number) for number in range(1000)]}
        rows = {"inputs": many["data"]}
        assert service.ask("POST", "/predict", many).status == 504
        assert service.ask("POST", "/invocations", rows).status == 504
        assert service.ask("POST", "/predict", {"data": make_client(1)}).status == 200
