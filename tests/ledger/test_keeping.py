"""Keeping, without faults: each decision once, in order, by many threads and processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import select

from ledger import reading
from ledger.errors import DatabaseUnavailable, InvalidSetting
from ledger.ledger import Ledger
from ledger.migration import current, upgrade
from ledger.schema import decisions
from tests.ledger.decisions import count, decision, findings, ids, wait_until
from tests.ledger.writer import environment


@pytest.fixture(params=["strict", "spool"])
def ledger(request, settings, database):
    assert current(database)
    with Ledger(replace(settings, mode=request.param)) as ledger:
        yield ledger


def test_ten_thousand_decisions_of_many_threads_are_kept_once(ledger, database):
    kept = [decision(str(number % 700)) for number in range(10_000)]
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(ledger.keep, ([each] for each in kept)))
    wait_until(lambda: ledger.waiting() == 0)
    assert sorted(ids(database)) == sorted(each.id for each in kept)
    assert findings(database) == []


def test_keeping_a_decision_again_changes_nothing(ledger, database):
    kept = [decision(), decision()]
    ledger.keep(kept)
    ledger.keep([*kept, kept[0]])
    wait_until(lambda: ledger.waiting() == 0)
    assert sorted(ids(database)) == sorted(each.id for each in kept)
    assert findings(database) == []


def test_the_order_of_keeping_is_the_order_of_the_chain(ledger, database):
    kept = [decision(str(number)) for number in range(1000)]
    for first in range(0, 1000, 100):
        ledger.keep(kept[first : first + 100])
    wait_until(lambda: ledger.waiting() == 0)
    with database.read() as connection:
        chained = connection.scalars(select(decisions.c.id).order_by(decisions.c.sequence)).all()
    assert chained == [each.id for each in kept]


def test_a_directory_that_cannot_be_used_is_a_mistake_in_the_settings(settings, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSetting):
        Ledger(replace(settings, mode="spool", spool_directory=tmp_path / "file"))


def test_no_decisions_are_no_error(ledger, database):
    ledger.keep([])
    assert count(database) == 0


def test_strict_keeping_fails_while_the_database_has_no_tables(settings):
    with Ledger(settings) as ledger, pytest.raises(DatabaseUnavailable):
        ledger.keep([decision()])


def test_the_spool_keeps_while_the_database_has_no_tables(settings):
    kept = decision()
    with Ledger(replace(settings, mode="spool")) as ledger:
        ledger.keep([kept])
        wait_until(lambda: ledger.problem)
        assert ledger.waiting() == 1
        upgrade(ledger.database)
        wait_until(lambda: ledger.problem == "")
        assert ledger.waiting() == 0
        assert reading.get(ledger.database, kept.id).decision == kept


@pytest.mark.parametrize("mode", ["strict", "spool"])
def test_two_processes_write_at_once(settings, database, mode):
    command = [sys.executable, "-m", "tests.ledger.writer", "1000", "2"]
    settings = replace(settings, mode=mode)
    running = [
        subprocess.Popen(command, env=environment(settings), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=120)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert sorted(ids(database)) == sorted(printed[0][:-1] + printed[1][:-1])
    assert findings(database) == []
    with database.read() as connection:
        writers = set(connection.scalars(select(decisions.c.writer)))
    assert len(writers) == 2 or mode == "spool"  # one delivers for both


def test_nothing_is_left_in_the_spool_after_delivery(settings, database, tmp_path):
    with Ledger(replace(settings, mode="spool")) as ledger:
        ledger.keep([decision(f"secret-{number}") for number in range(2000)])

        for path in (tmp_path / "spool").iterdir():
            with suppress(FileNotFoundError):
                assert b"secret" not in path.read_bytes()  # encrypted while it waits
        wait_until(lambda: ledger.waiting() == 0)
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["delivery.lock"]
    assert count(database) == 2000
