"""A disk that is full, and a file system that cannot be written."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from tests.service.conftest import PROJECT, Service
from tests.service.processes import until

SMALL = 8 * 1024 * 1024


def run(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not run("mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(disk)):
        pytest.skip("mounting a file system is not permitted here")
    yield disk
    run("umount", "-l", str(disk))


def fill(disk):
    with contextlib.suppress(OSError), (disk / "filling").open("wb", buffering=0) as file:
        while file.write(b"0" * 4096):
            pass


def test_a_disk_that_fills_up_with_the_log_on_it_stops_no_answer(small_disk, make_client):
    body = {"data": make_client(1)}
    service = Service(small_disk / "log", {"SCORER": "in-process", "TMPDIR": str(small_disk)})
    try:
        expected = service.ready().ask("POST", "/predict_proba", body).data
        fill(small_disk)
        size = (small_disk / "log").stat().st_size
        answers = [service.ask("POST", "/predict_proba", body) for _ in range(200)]
        assert {(answer.status, answer.data) for answer in answers} == {(200, expected)}
        assert service.ask("POST", "/predict", b"{").status == 400

        worker = service.worker
        os.kill(worker, signal.SIGKILL)
        service.http.clear()
        until(lambda: service.worker not in (None, worker))
        assert service.ready().ask("POST", "/predict_proba", body).data == expected

        (small_disk / "filling").unlink()
        service.ask("POST", "/predict", body)
        until(lambda: (small_disk / "log").stat().st_size > size)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
    finally:
        service.stop()


def test_stopping_while_the_disk_is_full_is_clean_too(small_disk):
    service = Service(
        small_disk / "log",
        {"SCORER_URL": "http://127.0.0.1:1", "TMPDIR": str(small_disk)},
    )
    try:
        service.accepts()
        assert service.ask("GET", "/features").status == 200
        fill(small_disk)
        assert service.ask("GET", "/features").status == 200
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
    finally:
        service.stop()


CANNOT = 77
READ_ONLY = """
mount --make-rprivate / && mount -o remount,bind,ro / || exit {cannot}
mount -t tmpfs -o "size={size},mode=1777" tmpfs {home} || exit {cannot}
exec {command}
"""


def read_only(home, size, command, **environ):
    """`command` where nothing can be written but `home`, a new file system of `size` bytes."""
    script = READ_ONLY.format(cannot=CANNOT, home=home, size=size, command=command)
    clean = {"PORT": "0", "HOST": "127.0.0.1", "TMPDIR": str(home), "HOME": "/nowhere", **environ}
    return subprocess.Popen(
        ["unshare", "-m", "sh", "-c", script],
        cwd=PROJECT,
        env={**os.environ, **clean},
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("scorer", ["forward", pytest.param("in-process", marks=pytest.mark.long)])
def test_on_a_read_only_file_system_it_needs_a_folder_for_temporary_files_alone(
    tmp_path_factory, scorer
):
    """`mlflow models serve` too."""
    ask = f"{sys.executable} -m tests.service.ask_once {scorer}"
    with read_only(tmp_path_factory.mktemp("home"), SMALL, ask) as process:
        said = process.communicate(timeout=120)[1]
    if process.returncode == CANNOT:
        pytest.skip("a read-only file system cannot be made here")

    assert process.returncode == 0, said


@pytest.mark.parametrize(
    ("size", "folder", "line"),
    [(SMALL, "/nowhere", "no folder for temporary files"), (64 * 1024, None, "No space left")],
)
def test_no_room_for_temporary_files_is_one_line_and_exit_code_2(tmp_path, size, folder, line):
    environ = {"TMPDIR": folder} if folder else {}
    home = tmp_path / "home"
    home.mkdir()
    with read_only(home, size, f"{sys.executable} -m app", **environ) as process:
        said = process.communicate(timeout=60)[1]
    if process.returncode == CANNOT:
        pytest.skip("a read-only file system cannot be made here")

    assert process.returncode == 2, said
    assert len(said.splitlines()) == 1
    assert line in said
