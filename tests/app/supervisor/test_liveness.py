"""A program hangs once it has not responded for long, not while it is merely slow or busy."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress

import pytest

from app import liveness
from app.liveness import Heartbeats, Probe

LONG = 0.5
OK = b"HTTP/1.1 200 OK\r\n\r\n"


class Group:
    """Remembers that it was killed."""

    killed = False

    def kill(self):
        self.killed = True


@pytest.fixture
def probe(monkeypatch, tmp_path):
    """A function: what the server does with each connection -> a probe of it, ten times faster."""
    monkeypatch.setattr(liveness, "PROBE_SECONDS", 0.05)
    monkeypatch.setattr(liveness, "PROBE_TIMEOUT", 0.2)
    listener, ends = socket.socket(socket.AF_UNIX), []
    path = tmp_path / "socket"
    listener.bind(str(path))
    listener.listen()

    def serve(answer):
        with ExitStack() as held, suppress(OSError):
            while True:
                connection = held.enter_context(listener.accept()[0])
                if answer(connection):
                    connection.close()

    def start(answer):
        server = threading.Thread(target=serve, args=(answer,))
        server.start()
        made = Probe(path)
        ends.extend([made.stop, lambda: listener.shutdown(socket.SHUT_RDWR), server.join])
        return made

    yield start
    for end in ends:
        end()
    listener.close()


def is_killed_within(watched, seconds):
    group, deadline = Group(), time.monotonic() + seconds
    while time.monotonic() < deadline and not group.killed:
        watched.kill_hung(group, LONG)
        time.sleep(0.01)
    return group.killed


def until_up(watched):
    deadline = time.monotonic() + 20
    while not watched.is_up():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def respond(connection):
    connection.recv(1000)
    connection.sendall(OK)
    return True


def test_a_server_that_responds_slowly_is_never_killed(probe):
    def slow(connection):
        time.sleep(0.1)
        return respond(connection)

    watched = probe(slow)
    until_up(watched)

    assert not is_killed_within(watched, 3 * LONG)


@pytest.mark.parametrize("closes", [True, False])
def test_a_server_that_was_up_and_no_longer_responds_is_killed(probe, log, closes):
    hangs = threading.Event()
    watched = probe(lambda connection: closes if hangs.is_set() else respond(connection))
    until_up(watched)
    hangs.set()

    assert is_killed_within(watched, 20 * LONG)
    assert log()[0]["event"] == "scoring server hangs"


def test_a_server_that_is_not_up_yet_may_be_silent(probe):
    watched = probe(lambda _: False)

    assert not is_killed_within(watched, 3 * LONG)
    assert not watched.is_up()


@pytest.fixture
def worker(tmp_path):
    """A process and the file that it would touch."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process, tmp_path / f"worker-{process.pid}"
    process.kill()
    process.wait()


def test_a_worker_that_touches_its_file_is_up_and_one_that_stops_is_killed(tmp_path, worker, log):
    process, file = worker
    beats = Heartbeats(tmp_path)
    assert not beats.is_up()
    deadline = time.monotonic() + 3 * LONG
    while time.monotonic() < deadline:
        file.touch()
        beats.kill_hung(Group(), LONG)
        time.sleep(0.05)
    assert beats.is_up()
    assert process.poll() is None

    assert not is_killed_within(beats, 3 * LONG)  # the other workers go on
    assert process.wait(timeout=20) == -9
    assert log()[0]["pid"] == process.pid


def test_time_in_which_the_supervisor_itself_was_stopped_does_not_count(tmp_path, worker):
    process, file = worker
    file.touch()
    beats = Heartbeats(tmp_path)
    beats.kill_hung(Group(), 3600)
    time.sleep(2.5)
    beats.kill_hung(Group(), 2)

    assert process.poll() is None


def test_the_file_of_a_worker_that_has_ended_is_removed(tmp_path, worker):
    process, file = worker
    file.touch()
    process.kill()
    process.wait()
    Heartbeats(tmp_path).kill_hung(Group(), 3600)

    assert not file.exists()
