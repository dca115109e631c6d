"""A server is lost once it has been silent for long, not while it is merely slow or busy."""

import socket
import threading
import time

import pytest

from app.supervisor import pulse as module
from app.supervisor.pulse import Pulse

LONG = 0.6


@pytest.fixture
def quick(monkeypatch):
    """The same behaviour ten times as fast."""
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)


@pytest.fixture
def server(quick):  # noqa: ARG001
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def pulse(server):
    """Of that server, from now on."""
    pulse = Pulse(server.getsockname()[1], LONG)
    pulse.begin()
    yield pulse
    pulse.end()


def is_lost_within(pulse, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if pulse.is_lost():
            return True
        time.sleep(0.01)
    return False


def answering(listener, seconds):
    """Answers every question after so many seconds, until the listener is closed."""

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(1000)
                time.sleep(seconds)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()


@pytest.mark.parametrize("seconds", [0, 0.1])
def test_a_server_that_answers_even_slowly_is_never_lost(server, pulse, seconds):
    answering(server, seconds)

    assert not is_lost_within(pulse, 3 * LONG)
    server.shutdown(socket.SHUT_RDWR)


def test_a_server_that_takes_connections_and_says_nothing_is_lost_after_the_silence(pulse):
    began = time.monotonic()

    assert is_lost_within(pulse, 10 * LONG)
    assert time.monotonic() - began >= LONG


def test_a_server_that_hangs_up_without_a_word_is_lost(server, pulse):
    def hang_up():
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=hang_up, daemon=True).start()

    assert is_lost_within(pulse, 10 * LONG)
    server.shutdown(socket.SHUT_RDWR)


def test_one_question_that_is_lost_is_asked_again(server, pulse):
    def ignore_the_first():
        first, _ = server.accept()
        answering(server, 0)
        time.sleep(2 * LONG)
        first.close()

    threading.Thread(target=ignore_the_first, daemon=True).start()
    assert not is_lost_within(pulse, 2 * LONG)
    server.shutdown(socket.SHUT_RDWR)


def test_time_in_which_nobody_looked_does_not_count(pulse, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_STEP", 0.1)
    time.sleep(2 * LONG)

    assert not pulse.is_lost()
