import json
import os
import socket
import sys
import time

import pytest

from app.supervisor.group import Group
from app.supervisor.kept import Kept
from app.supervisor.pulse import Pulse


@pytest.fixture
def kept():
    """A function: program, is_up -> Kept; what still runs is killed afterwards."""
    made = []

    def make(program, is_up=lambda: False):
        def start():
            return Group([sys.executable, "-c", program], dict(os.environ), shielded=True)

        made.append(Kept("program", start, is_up))
        return made[-1]

    yield make
    for one in made:
        if one.group:
            one.group.kill()


def events(kept, capsys, count, seconds=20):
    """The first `count` lines that looking after `kept` writes."""
    said, deadline = [], time.monotonic() + seconds
    while len(said) < count:
        assert time.monotonic() < deadline, said
        kept.look_after()
        said += [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        time.sleep(0.01)
    return said


def test_a_program_that_cannot_start_says_why_each_time_and_waits_longer(kept, capsys):
    first, second = events(kept("raise SystemExit('no such model')"), capsys, 2)

    assert first["why"] == second["why"] == "exit code 1: no such model"
    assert second["restart_in_seconds"] == 2 * first["restart_in_seconds"]


def test_what_a_program_said_after_it_was_up_is_not_told(kept, capsys, tmp_path):
    signal = tmp_path / "fail"
    wait = (
        f"import pathlib, time\nwhile not pathlib.Path({str(signal)!r}).exists(): time.sleep(.01)"
    )
    program = kept(f"{wait}\nraise ValueError('SECRET')", is_up=lambda: True)
    events(program, capsys, 1)
    signal.touch()

    assert events(program, capsys, 1)[0]["why"] == "exit code 1"


def test_a_program_that_comes_up_is_announced_once(kept, capsys):
    program = kept("import time; time.sleep(600)", is_up=lambda: True)

    assert events(program, capsys, 1) == [{"event": "program is up"}]
    program.look_after()
    assert capsys.readouterr().err == ""


def test_a_program_that_was_up_and_is_killed_is_started_again(kept, capsys):
    program = kept("import time; time.sleep(600)", is_up=lambda: True)
    events(program, capsys, 1)
    program.group.kill()
    died, back = events(program, capsys, 2)

    assert died["why"] == "killed by SIGKILL"
    assert back["event"] == "program is up"


def test_a_program_that_is_up_and_hangs_is_ended_and_started_again(kept, capsys):
    program = kept("import time; time.sleep(600)", is_up=lambda: True)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        program.pulse = Pulse(silent.getsockname()[1], longest_silence=0.3)
        said = [line["event"] for line in events(program, capsys, 4)]

    assert said == ["program is up", "program hangs", "program ended", "program is up"]


def test_a_program_that_is_not_up_yet_may_be_silent(kept, capsys):
    program = kept("import time; time.sleep(600)", is_up=lambda: False)
    program.pulse = Pulse(1, longest_silence=0.1)
    for _ in range(50):
        program.look_after()
        time.sleep(0.01)

    assert capsys.readouterr().err == ""
