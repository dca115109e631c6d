"""A folder is exchanged for another so that a process killed at any moment loses neither."""

import signal
import subprocess
import sys

import pytest

from train.registry.export import exchanged, recover, staging, swap

KILL = """
import os, signal, sys
from pathlib import Path
from train.registry import export

event, number, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
seen = 0

def hook(name, arguments):
    global seen
    if name == event:
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

out = Path("champion").resolve()
with export.staging(out) as folder:
    (folder / "fresh").mkdir()
    (folder / "fresh" / "content").write_text("new")
    sys.addaudithook(hook)
    if how == "at once":
        export.swap(folder / "fresh", out, folder)
    else:
        export.in_two_steps(folder / "fresh", out, folder / export.REPLACED)
"""


@pytest.fixture
def champion(workplace):
    folder = workplace.folder / "champion"
    folder.mkdir()
    (folder / "content").write_text("old")
    return folder


def left(champion):
    return sorted(path.name for path in champion.parent.iterdir() if path.name.startswith("."))


def kill(workplace, event, number, how):
    done = workplace.run(sys.executable, "-c", KILL, event, str(number), how)
    assert done.returncode == -signal.SIGKILL, done.stderr


def put(out, content):
    with staging(out) as folder:
        (folder / "fresh").mkdir()
        (folder / "fresh" / "content").write_text(content)
        swap(folder / "fresh", out, folder)


def test_a_folder_takes_the_place_of_another_and_nothing_is_left(champion):
    put(champion, "new")
    assert (champion / "content").read_text() == "new"
    assert left(champion) == []


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is of Linux")
def test_here_two_names_are_exchanged_at_once(champion, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    assert exchanged(other, champion)
    assert (other / "content").read_text() == "old"
    assert not (champion / "content").exists()


@pytest.mark.parametrize(
    ("event", "number", "how", "missing", "content"),
    [
        ("shutil.rmtree", 1, "at once", False, "new"),
        ("os.rename", 1, "in two steps", False, "old"),
        ("os.rename", 2, "in two steps", True, "old"),
        ("shutil.rmtree", 1, "in two steps", False, "new"),
    ],
)
def test_what_a_killed_exchange_left_is_put_right_by_the_next(
    workplace, champion, event, number, how, missing, content
):
    kill(workplace, event, number, how)
    assert champion.exists() != missing
    assert left(champion)
    recover(champion)
    assert (champion / "content").read_text() == content
    assert left(champion) == []
    put(champion, "newer")
    assert (champion / "content").read_text() == "newer"


def test_an_export_after_a_kill_recovers_by_itself(workplace, champion):
    kill(workplace, "os.rename", 2, "in two steps")
    with staging(champion):
        assert (champion / "content").read_text() == "old"
    assert left(champion) == []


@pytest.mark.process
def test_the_folder_of_a_process_that_lives_is_left_alone(workplace, champion):
    waits = KILL.partition("    (folder /")[0] + "    print(folder, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", waits, "", "0", ""],
        cwd=workplace.folder,
        env=workplace.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        other.stdout.readline()
        recover(champion)
        assert len(left(champion)) == 1
        other.communicate("\n", timeout=10)
    assert left(champion) == []
