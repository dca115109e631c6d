import os
import signal
import subprocess
import sys
import time

import pytest

from app.process_group import ProcessGroup


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def start():
    groups = []

    def run(program, **options):
        groups.append(ProcessGroup([sys.executable, "-c", program], dict(os.environ), **options))
        return groups[-1]

    yield run
    for group in groups:
        group.kill()


PARENT = """
import subprocess, sys, pathlib
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({path!r}).write_text(str(child.pid))
child.wait()
"""


def test_killing_a_group_leaves_no_grandchild(start, tmp_path):
    path = tmp_path / "pid"
    group = start(PARENT.format(path=str(path)))
    until(lambda: path.exists() and path.read_text())
    group.kill()

    until(lambda: gone(int(path.read_text())))
    assert group.exit_code() == -signal.SIGKILL


def test_the_exception_is_the_reason_why_a_program_failed(start):
    program = """
print('noise')
def fail():
    raise ValueError('the reason')
fail()
"""
    group = start(program, shielded=True)
    until(lambda: group.exit_code() is not None)
    group.read_output()

    assert group.reason() == "ValueError: the reason"


def test_mlflow_saying_that_its_child_failed_does_not_hide_what_the_child_said(start):
    program = """
print('ModelError: the reason')
raise Exception("Command 'x' returned non zero return code. Return code = 1")
"""
    group = start(program, shielded=True)
    until(lambda: group.exit_code() is not None)
    group.read_output()

    assert group.reason() == "ModelError: the reason"


def test_output_beyond_what_a_pipe_holds_does_not_block(start):
    group = start("print('x' * 1_000_000); print('end')", shielded=True)

    def ended():
        group.read_output()
        return group.exit_code() is not None

    until(ended)
    group.read_output()
    assert group.reason() == "end"


def test_a_shielded_program_outlives_sigterm_and_not_a_kill(start):
    group = start(
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_DFL)\n"
        "print('ready', flush=True)\ntime.sleep(600)",
        shielded=True,
    )

    def ready():
        group.read_output()
        return group.reason() == "ready"

    until(ready)
    group.terminate()
    group.terminate()
    assert group.exit_code() is None
    group.kill()
    assert group.exit_code() == -signal.SIGKILL


@pytest.mark.process
def test_a_group_does_not_outlive_the_process_that_started_it(tmp_path):
    path = tmp_path / "pid"
    supervisor = f"""
import os, sys, time
from app.process_group import ProcessGroup
group = ProcessGroup([sys.executable, "-c", {PARENT.format(path=str(path))!r}], dict(os.environ))
time.sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", supervisor])
    until(lambda: path.exists() and path.read_text())
    process.kill()
    process.wait()

    until(lambda: gone(int(path.read_text())))


def test_an_unshielded_program_takes_sigterm(start):
    group = start("import time; time.sleep(600)")
    group.terminate()

    until(lambda: group.exit_code() == -signal.SIGTERM)
