"""kill -9 of the database and of the writing process in mid-load, and a full disk."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.database import connect
from ledger.errors import SpoolFull
from ledger.ledger import Ledger
from ledger.migration import upgrade
from ledger.settings import Settings
from tests.ledger.conftest import settings_for
from tests.ledger.decisions import count, decision, findings, ids, wait_until
from tests.ledger.postgresql import Server, binaries
from tests.ledger.writer import environment

THREADS = 16  # of a process that keeps decisions


@pytest.fixture
def own_server():
    """A server that a test may kill."""
    found = binaries()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    server = Server(found)
    yield server
    server.stop()


@pytest.fixture
def on_sqlite(tmp_path) -> Settings:
    return replace(settings_for(f"sqlite:///{tmp_path}/ledger.db", tmp_path), mode="spool")


@pytest.fixture(params=["strict", "spool"])
def on_own_server(request, own_server, tmp_path) -> Settings:
    settings = settings_for(own_server.new_database("ledger"), tmp_path)
    return replace(settings, mode=request.param)


@pytest.fixture
def own_database(on_own_server):
    database = connect(on_own_server)
    upgrade(database)
    yield database
    database.close()


def start(settings: Settings, decisions: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.ledger.writer", str(decisions), str(THREADS)]
    return subprocess.Popen(command, env=environment(settings), stdout=subprocess.PIPE)


def kept_by(process: subprocess.Popen) -> list[str]:
    """The ids of all decisions that a process said it kept, whole lines only."""
    printed = process.stdout.read().decode()
    process.wait()
    process.stdout.close()
    return [line for line in printed.split("\n")[:-1] if line != "closed"]


def deliver(settings: Settings) -> None:
    with Ledger(settings) as ledger:
        wait_until(lambda: ledger.waiting() == 0, 600)


def kill_writers(settings: Settings, decisions: int, kills: int) -> set[str]:
    """Start a process as often as it is killed, and return what all of them kept."""
    kept: set[str] = set()
    for _ in range(kills):
        process = start(settings, decisions)
        first = os.read(process.stdout.fileno(), 37).decode().strip()  # in mid-load
        time.sleep(0.5)
        process.kill()
        kept |= {first, *kept_by(process)}
    process = start(settings, decisions)
    return kept | set(kept_by(process))


@pytest.mark.parametrize(
    ("mode", "sync", "decisions"),
    [("strict", "normal", 700), ("spool", "normal", 3000), ("spool", "full", 3000)],
)
def test_kill_9_of_the_writer_loses_nothing_that_was_kept(
    settings, database, mode, sync, decisions
):
    settings = replace(settings, mode=mode, spool_sync=sync)
    kept = kill_writers(settings, decisions, kills=2)
    deliver(settings)
    found = ids(database)
    assert len(found) == len(set(found))
    assert kept <= set(found)
    assert len(set(found) - kept) <= 2 * THREADS  # kept, but killed before they were printed
    assert findings(database) == []


def test_kill_9_of_postgresql_loses_nothing_that_was_kept(own_server, on_own_server, own_database):
    process = start(on_own_server, 6000)
    first = os.read(process.stdout.fileno(), 37).decode().strip()
    own_server.kill()
    time.sleep(0.5)
    own_server.start()
    kept = {first, *kept_by(process)}
    deliver(on_own_server)
    found = ids(own_database)
    assert len(found) == len(set(found))
    assert kept <= set(found)
    if on_own_server.mode == "spool":
        assert len(kept) == len(found) == 6000
    assert findings(own_database) == []


@pytest.mark.long
def test_a_hundred_thousand_decisions_none_lost_none_doubled(
    own_server, on_own_server, own_database
):
    process = start(on_own_server, 100_000)
    kept = {os.read(process.stdout.fileno(), 37).decode().strip()}
    if on_own_server.mode == "spool":
        time.sleep(2)
        own_server.kill()
        time.sleep(2)
        own_server.start()
        process.kill()
        kept |= set(kept_by(process))
        process = start(on_own_server, 100_000 - len(kept))
    kept |= set(kept_by(process))
    deliver(on_own_server)
    found = ids(own_database)
    assert len(kept) == 100_000
    assert len(found) == len(set(found))
    assert kept <= set(found)
    assert len(set(found) - kept) <= THREADS
    assert findings(own_database) == []


def fill(ledger: Ledger) -> list:
    kept = []
    while True:
        new = decision()
        try:
            ledger.keep([new])
        except SpoolFull:
            return kept
        kept.append(new)


def test_a_full_spool_refuses_and_then_delivers_what_it_holds(on_sqlite):
    with Ledger(replace(on_sqlite, spool_megabytes=1)) as ledger:
        kept = fill(ledger)
        assert len(kept) > 100
        upgrade(ledger.database)
        wait_until(lambda: ledger.waiting() == 0)
        ledger.keep([decision()])
        wait_until(lambda: count(ledger.database) == len(kept) + 1)


def test_a_full_spool_drops_and_counts_where_that_is_chosen(on_sqlite):
    with Ledger(replace(on_sqlite, spool_megabytes=1, when_full="drop")) as ledger:
        for _ in range(2000):
            ledger.keep([decision()])
        assert ledger.dropped > 0
        assert ledger.dropped + ledger.waiting() == 2000


@pytest.fixture
def small_disk():
    """A disk of 2 MB."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a small disk")
    path = Path(tempfile.mkdtemp(prefix="ledger-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", path], check=True)
    shutil.rmtree(path)


def test_a_full_disk_refuses_and_then_delivers_what_it_holds(on_sqlite, small_disk):
    with Ledger(replace(on_sqlite, spool_directory=small_disk)) as ledger:
        kept = fill(ledger)
        assert len(kept) > 100
        upgrade(ledger.database)
        wait_until(lambda: ledger.waiting() == 0)
        for _ in range(100):
            ledger.keep([decision()])
        wait_until(lambda: count(ledger.database) == len(kept) + 100)
        assert findings(ledger.database) == []
        assert {each.id for each in kept} <= set(ids(ledger.database))


def test_a_disk_that_others_filled_refuses_until_they_make_room(on_sqlite, small_disk):
    with Ledger(replace(on_sqlite, spool_directory=small_disk)) as ledger:
        upgrade(ledger.database)
        kept = [decision()]
        ledger.keep(kept)
        with (small_disk / "other").open("wb", buffering=0) as other:
            try:
                while True:
                    other.write(bytes(4096))
            except OSError:
                pass
        kept += fill(ledger)
        wait_until(lambda: ledger.waiting() == 0)
        (small_disk / "other").unlink()
        wait_until(lambda: ledger.problem == "")
        new = decision()

        def is_kept():
            try:
                ledger.keep([new])
            except SpoolFull:
                return False
            return True

        wait_until(is_kept)
        wait_until(lambda: count(ledger.database) == len(kept) + 1)
        assert findings(ledger.database) == []
