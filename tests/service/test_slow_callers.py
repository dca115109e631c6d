"""Callers who take their time hold up nobody else."""

import contextlib
import json
import socket
import time

CROWD = 40
"""More than there are threads."""


@contextlib.contextmanager
def callers(service, sent, count=CROWD):
    """So many connections on which `sent` has been sent, and nothing more."""
    with contextlib.ExitStack() as stack:
        address = ("127.0.0.1", service.port)
        made = [stack.enter_context(socket.create_connection(address)) for _ in range(count)]
        for one in made:
            one.sendall(sent)
        yield made


def head(length):
    return (
        "POST /predict HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def test_who_never_ends_a_head_or_a_body_keeps_no_one_waiting(service, make_client):
    body = {"data": make_client(1)}
    with callers(service, b"POST /pre"), callers(service, head(100) + b'{"da'):
        answers = [service.ask("POST", "/predict", body) for _ in range(20)]

    assert {answer.status for answer in answers} == {200}


def test_a_body_that_does_not_arrive_is_a_408(serving):
    with (
        serving(SCORER="in-process", BODY_SECONDS="0.5") as service,
        callers(service.ready(), head(100) + b'{"da', count=1) as (slow,),
    ):
        slow.settimeout(20)
        answer = slow.makefile("rb").read()

    top, _, body = answer.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in top.lower()
    assert json.loads(body)["error"].endswith("0.5 seconds to arrive")


def test_a_body_in_drops_is_read_like_any_other(service, make_client):
    body = json.dumps({"data": make_client(1)}).encode()
    with callers(service, head(len(body)), count=1) as (slow,):
        for start in range(0, len(body), 500):
            slow.sendall(body[start : start + 500])
            time.sleep(0.01)
        slow.settimeout(20)
        answer = slow.recv(65536)

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_who_hangs_up_half_way_is_forgotten(service, make_client):
    with callers(service, head(100) + b'{"da'):
        pass
    answer = service.ask("POST", "/predict", {"data": make_client(1)})

    assert answer.status == 200
    assert [line for line in service.lines() if line["event"] == "failure"] == []


def test_requests_sent_in_one_go_are_answered_in_order(service, make_client):
    first, second = (json.dumps({"data": make_client(n)}).encode() for n in (1, 2))
    with callers(service, b"".join(head(len(b)) + b for b in (first, second)), count=1) as (one,):
        one.settimeout(20)
        answer = b""
        while answer.count(b"prediction") < 2:
            answer += one.recv(65536)

    assert answer.index("client n°1".encode()) < answer.index("client n°2".encode())
