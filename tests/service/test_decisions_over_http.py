"""Decisions of real services: kill -9 loses and doubles none, and each can be scored again."""

import os
import signal
from dataclasses import replace
from threading import Event, Thread

import pytest
import urllib3

from app.settings import Settings
from ledger import reading
from ledger.database import connect
from ledger.migration import upgrade
from tests.ledger.decisions import findings, ids
from tests.service import saved
from tests.service.keeping import AUDITOR, SHOP, environ, ledger, model, save, server
from tests.service.processes import until
from tests.service.prometheus import value

__all__ = ["environ", "model", "server"]

CLIENTS = list(saved.clients(200))


def ask_until(service, stop, answered):
    """Asks without a pause; keeps the ids of the decisions that were answered."""
    number = 0
    while not stop.is_set():
        number += 1
        body = {"data": CLIENTS[number % 200]}
        try:
            answer = service.ask("POST", "/predict", body, **SHOP)
        except urllib3.exceptions.HTTPError:
            continue
        if answer.status == 200:
            answered.extend(answer.json()["decisions"].values())


@pytest.mark.parametrize("mode", ["spool", "strict"])
def test_kill_9_loses_no_decision_that_was_answered_and_doubles_none(
    serving, environ, database, model, mode
):
    answered, stop = [], Event()
    with serving(**environ, MODEL=model, LEDGER=mode) as it:
        it.ready()
        asking = [Thread(target=ask_until, args=(it, stop, answered)) for _ in range(4)]
        for thread in asking:
            thread.start()
        for victim in ("granian", "deliver", "granian"):
            before = len(answered)
            until(lambda before=before: len(answered) > before + 50)
            if (pid := it.find(victim)) is not None:
                os.kill(pid, signal.SIGKILL)
        until(lambda: len(answered) > before + 100)
        stop.set()
        for thread in asking:
            thread.join()
        lost = (
            [id_ for id_ in answered if it.ask("GET", f"/decisions/{id_}", **AUDITOR).status != 200]
            if mode == "strict"
            else []
        )
    kept = ids(database)

    assert not lost
    assert len(kept) == len(set(kept))
    assert set(answered) <= set(kept)
    assert findings(database) == []
    assert not it.event("failure")


def test_the_spool_bridges_an_outage_and_is_empty_after_delivery(serving, environ, model, tmp_path):
    with serving(**environ, MODEL=model) as it:
        it.ready()
        made = it.ask("POST", "/decisions", {"data": CLIENTS[:50]}, **SHOP).json()
        metrics = it.ask("GET", "/metrics", **SHOP).data.decode()
        assert value(metrics, "spool_bytes") > 0
        until(lambda: "delivery waits" in it.log.read_text())
        database = connect(Settings.from_environ(environ).ledger)
        upgrade(database)
        path = f"/decisions/{made[-1]['id']}"
        until(lambda: it.ask("GET", path, **AUDITOR).status == 200)
        until(lambda: {path.name for path in (tmp_path / "spool").iterdir()} == {"delivery.lock"})
        assert sorted(ids(database)) == sorted(each["id"] for each in made)
        database.close()
        log = it.log.read_text()
    for client in CLIENTS[:50]:
        assert str(client["SK_ID_CURR"]) not in log


def replay(environ, *options):
    return ledger(environ, "replay", *options)


@pytest.mark.parametrize("environ", ["sqlite"], indirect=True)
def test_decisions_of_two_versions_are_scored_again_to_the_last_bit(
    serving, environ, database, tmp_path, small_artifacts
):
    first, second, current = tmp_path / "first", tmp_path / "second", tmp_path / "model"
    save(small_artifacts, first)
    calibration = replace(small_artifacts.calibration, coefficients=(1.0, 1.0, 0.0))
    save(replace(small_artifacts, threshold=0.9, calibration=calibration), second)
    current.symlink_to(first)
    environ |= {"MODEL": str(current), "RELOAD_SECONDS": "0.2", "MAX_ROWS": "300"}
    with serving(**environ) as it:
        it.ready()
        body = {"data": CLIENTS[:100]}
        it.ask("POST", "/predict", body, **SHOP)
        it.ask(
            "POST", "/invocations", {"inputs": body["data"], "params": {"threshold": 0.3}}, **SHOP
        )
        promoted = tmp_path / "promoted"
        promoted.symlink_to(second)
        promoted.rename(current)
        until(lambda: it.event("model renewed"))
        [made, *_] = it.ask("POST", "/decisions", {"data": CLIENTS[100:]}, **SHOP).json()
        until(lambda: len(ids(database)) == 300)
    one = replay(environ, made["id"])
    without = replay(environ, "--since", "1d")
    both = replay(environ, "--since", "1d", "--model", str(first))

    assert (one.returncode, one.stdout) == (0, "1 the same to the last bit, 0 not\n")
    assert without.returncode == 1
    assert "100 the same to the last bit, 200 not" in without.stdout
    assert "name it with --model" in without.stdout
    assert (both.returncode, both.stdout) == (0, "300 the same to the last bit, 0 not\n")
    assert (
        len({record.decision.model_digest for record in reading.page(database, limit=300).records})
        == 2
    )


@pytest.mark.parametrize("environ", ["sqlite"], indirect=True)
def test_a_replay_says_what_differs(environ, database, model, serving):
    with serving(**environ, MODEL=model) as it:
        it.ready()
        [made] = it.ask("POST", "/decisions", {"data": CLIENTS[0]}, **SHOP).json()
        until(lambda: ids(database))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decisions SET solvency = 0.25")
    ran = replay({**environ, "MODEL": model}, made["id"])

    assert ran.returncode == 1
    assert f"{made['id']}: solvency was 0.25, is {made['solvency']!r}" in ran.stdout


def test_no_database_means_nothing_to_replay_or_to_upgrade():
    upgraded = ledger({"DATABASE_URL": ""}, "upgrade")
    assert (upgraded.returncode, upgraded.stdout.count("\n")) == (0, 1)
    assert replay({"DATABASE_URL": ""}, "--since", "7d").returncode == 2
