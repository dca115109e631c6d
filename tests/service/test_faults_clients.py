"""Callers that are slow, that hang up, that come all at once, or that never stop."""

import contextlib
import json
import os
import socket
import time

import pytest

from tests.service.crowd import Crowd
from tests.service.processes import descendants, megabytes

ROUTE = "/predict_proba"
CROWD = 200
SLOW = 40
KEPT = 20
"""Both ends of the connections that the service may keep to the scoring server, and some."""
SOAK = 3000
LOAD_SECONDS = 4.0
"""Seconds."""


@pytest.fixture
def body(make_client):
    return {"data": make_client(1)}


def raw_request(body):
    content = json.dumps(body).encode()
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def connected(service):
    return socket.create_connection(("127.0.0.1", service.port), 60)


def failures(service):
    return [line for line in service.lines() if line["event"] == "failure"]


def test_callers_of_a_byte_a_second_delay_no_other(service, body):
    sent = raw_request(body)
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connected(service)) for _ in range(SLOW)]
        with Crowd(service.port, ROUTE, body, 2) as crowd:
            for second in range(int(LOAD_SECONDS)):
                for one in slow:
                    one.sendall(sent[second : second + 1])
                time.sleep(1)
        for one in slow:  # and is answered, once he is through
            one.sendall(sent[int(LOAD_SECONDS) :])
        answers = [one.recv(65536) for one in slow]

    assert crowd.statuses == {200}
    assert crowd.percentile(0.5) < 1
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)


def hang_up(service, sent, times=50):
    for _ in range(times):
        with connected(service) as caller:
            caller.sendall(sent)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # by RST


def served(service, body):
    """Waits until there is room again: those whose callers are gone are scored to the end."""
    deadline = time.monotonic() + 20
    while (
        status := service.ask("POST", ROUTE, body).status
    ) == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert status == 200


@pytest.mark.parametrize("part", ["head", "body", "answer"])
def test_callers_that_hang_up_half_way_leave_nothing_behind(service, body, part):
    sent = raw_request(body)
    end = {"head": 40, "body": len(sent) - 10, "answer": len(sent)}[part]
    hang_up(service, sent[:end])
    served(service, body)
    before = open_files(service)
    hang_up(service, sent[:end])
    served(service, body)
    deadline = time.monotonic() + 20
    while open_files(service) > before + KEPT and time.monotonic() < deadline:
        time.sleep(0.1)

    assert not failures(service)
    assert open_files(service) <= before + KEPT


def at_once(service, body, seconds):
    expected = service.ask("POST", ROUTE, body).data
    with Crowd(service.port, ROUTE, body, CROWD) as crowd:
        time.sleep(seconds)
    assert crowd.statuses <= {200, 503}
    assert {answer.body for answer in crowd.of(200)} == {expected}
    assert all(int(answer.retry_after) > 0 for answer in crowd.of(503))
    p50, p99 = (crowd.percentile(fraction) * 1000 for fraction in (0.5, 0.99))
    refused = len(crowd.of(503))
    print(f"{CROWD} clients, {seconds} s: {len(crowd.of(200))} answers, {refused} refused,")
    print(f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {crowd.percentile(1) * 1000:.0f} ms")
    return crowd


def test_two_hundred_at_once_are_answered_or_asked_to_retry(service, body):
    crowd = at_once(service, body, LOAD_SECONDS)

    assert {answer.caller for answer in crowd.answers} == set(range(CROWD))
    assert crowd.percentile(1) < 8 * crowd.percentile(0.5) + 1  # the last to come waits no longer


@pytest.mark.long
def test_two_hundred_at_once_for_a_minute(service, body):
    at_once(service, body, 60)


def family(service):
    return [service.process.pid, *descendants(service.process.pid)]


def open_files(service):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in family(service))


def threads(service):
    return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in family(service))


def soak(service, body, requests):
    with Crowd(service.port, ROUTE, body, 4) as crowd:
        while len(crowd.answers) < requests:
            time.sleep(0.05)
    assert crowd.statuses == {200}
    service.http.clear()
    time.sleep(0.5)
    return sum(map(megabytes, family(service))), open_files(service), threads(service)


def test_a_soak_leaves_memory_files_and_threads_as_they_were(service, body):
    """The first thousand fill caches; `python -m benchmarks.serving.soak` sends 100,000."""
    before = soak(service, body, 1000)
    after = soak(service, body, SOAK)
    print(f"MB, files, threads before {before}, after {after}")

    assert after[0] < before[0] + 8
    assert after[1] <= before[1] + 5
    assert after[2] <= before[2] + 1
