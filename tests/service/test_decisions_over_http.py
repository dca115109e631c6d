"""Decisions of real services: kill -9 loses and doubles none, and each can be scored again."""

import os
import signal
from threading import Event, Thread

import pytest
import urllib3

from app.settings import Settings
from ledger.database import connect
from ledger.migration import upgrade
from tests.ledger.decisions import findings, ids
from tests.service import saved
from tests.service.keeping import AUDITOR, SHOP, environ, model, server
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
