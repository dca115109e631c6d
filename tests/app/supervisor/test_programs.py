"""The port, and programs that are restarted whenever they end."""

import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request

import pytest

from app.errors import CannotStart
from app.port import Port
from app.process_group import ProcessGroup
from app.programs import Program

SLEEP = "import time; time.sleep(600)"


class Watch:
    """A program that is `up`, and hangs once `hangs` is set."""

    def __init__(self, up=False):
        self.up, self.hangs, self.stopped = up, False, 0

    def is_up(self):
        return self.up

    def kill_hung(self, group, _seconds):
        if self.hangs:
            self.hangs = False
            group.kill()

    def stop(self):
        self.stopped += 1


@pytest.fixture
def program():
    """A function: Python code, how it is watched -> Program; what still runs is killed."""
    made = []

    def make(code, watch):
        def start():
            return ProcessGroup([sys.executable, "-c", code], dict(os.environ), shielded=True)

        made.append(Program("program", start, lambda: watch))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def events(log):
    """A function: the first `count` lines that steps of a program write."""

    def step_until(program, count, seconds=20):
        lines, deadline = [], time.monotonic() + seconds
        while len(lines) < count:
            assert time.monotonic() < deadline, lines
            program.step(1)
            lines += log()
            time.sleep(0.01)
        return lines

    return step_until


def test_a_program_that_cannot_start_gives_its_reason_and_pauses_longer_each_time(program, events):
    watch = Watch()
    first, second = events(program("raise SystemExit('no such model')", watch), 2)

    assert first["reason"] == second["reason"] == "exit code 1: no such model"
    assert second["restart_in_seconds"] == 2 * first["restart_in_seconds"]
    assert watch.stopped == 2


def test_what_a_program_wrote_after_it_was_up_is_not_logged(program, events, tmp_path):
    file = tmp_path / "fail"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(file)!r}).exists(): time.sleep(.01)"
    failing = program(f"{wait}\nraise ValueError('SECRET')", Watch(up=True))
    events(failing, 1)
    file.touch()

    assert events(failing, 1)[0]["reason"] == "exit code 1"


def test_a_program_that_comes_up_is_logged_once(program, events, log):
    running = program(SLEEP, Watch(up=True))

    assert events(running, 1)[0]["event"] == "program is up"
    running.step(1)
    assert log() == []
    assert running.is_up
    assert running.is_running()


@pytest.mark.parametrize("hangs", [True, False])
def test_a_program_that_hangs_or_is_killed_is_started_again(program, events, hangs):
    watch = Watch(up=True)
    running = program(SLEEP, watch)
    events(running, 1)
    if hangs:
        watch.hangs = True
    else:
        running.kill()
    ended, back = events(running, 2)

    assert ended["reason"] == "killed by SIGKILL"
    assert back["event"] == "program is up"


@pytest.fixture
def port():
    port = Port("127.0.0.1", 0)
    yield port
    port.close()


def ask(port):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{port.number}/predict", b"{}", timeout=10)
    with caught.value as answer:
        return answer.code, answer.headers, json.load(answer)


def test_the_port_answers_503_until_the_service_does(port):
    for _ in range(3):
        status, headers, body = ask(port)
        assert status == 503
        assert int(headers["Retry-After"]) > 0
        assert set(body) == {"error", "details", "request_id"}
    port.close()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port.number}/")
    port.open()
    assert ask(port)[0] == 503


def test_a_port_that_is_taken_is_refused(port):
    with pytest.raises(CannotStart, match=f"port {port.number}: Address already in use"):
        Port("127.0.0.1", port.number)
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CannotStart):
        Port("127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "::zz"])
def test_an_address_of_another_machine_cannot_be_listened_on(host):
    with pytest.raises(CannotStart, match="cannot listen on"):
        Port(host, 0)
