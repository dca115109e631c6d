"""Decisions to keep in tests, and what the database then holds."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select

from ledger.database import Database
from ledger.decision import Decision, new_id
from ledger.roots import verify
from ledger.schema import decisions


def decision(client: str = "155312", **changes) -> Decision:
    made = Decision(
        id=new_id(),
        request_id="req-1",
        time=datetime.now(UTC),
        key_name="branch-7",
        client=client,
        inputs=json.dumps({"SK_ID_CURR": client, "AMT_CREDIT": 406597.5, "NAME": "Zoë\u0000"}),
        solvency=0.1 + 0.2,
        threshold=0.48,
        decision="No",
        coverage=0.93,
        reasons='[{"column": "AMT_CREDIT", "value": 406597.5}]',
        warnings="[]",
        model_name="credit-scoring",
        model_version="3",
        model_digest="sha256:abc",
        policy_version="2026-11",
    )
    return replace(made, **changes)


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(decisions))


def ids(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(decisions.c.id)))


def findings(database: Database) -> list[str]:
    return [str(finding) for finding in verify(database, None)]


def wait_until(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
