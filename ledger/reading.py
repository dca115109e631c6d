"""Reading decisions, each with what became of it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, union

from ledger.clients import belongs_to, ciphers_for_reading
from ledger.database import Database
from ledger.decision import Answer, Decision, is_id
from ledger.encryption import Cipher
from ledger.errors import UnknownDecision
from ledger.outcomes import Outcome
from ledger.reviews import Contest, Review
from ledger.schema import contests, decisions, outcomes, reviews
from ledger.writing import READABLE

MOST = 500  # records read at once


@dataclass(frozen=True)
class Record:
    """A decision, as it was made, and what came after it.

    forgotten : the client's key was destroyed; `client` is then "" and each JSON text "null".
    """

    decision: Decision
    forgotten: bool
    outcome: Outcome | None
    contest: Contest | None
    reviews: tuple[Review, ...]


@dataclass(frozen=True)
class Page:
    """Records, newest first; `cursor` gives the next page, None on the last."""

    records: tuple[Record, ...]
    cursor: str | None


def get(database: Database, decision_id: str) -> Record:
    """Raises `UnknownDecision`."""
    if is_id(decision_id):
        with database.read() as connection:
            for record in _records(database, connection, [decisions.c.id == decision_id], 1):
                return record
    raise UnknownDecision(decision_id)


def page(
    database: Database,
    *,
    client: str | None = None,
    key_name: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    decision: Answer | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Decisions, newest first: `since <= time < until`. An unknown `cursor` gives no records."""
    if cursor is not None and not is_id(cursor):
        return Page((), None)
    conditions = [
        *([] if client is None else [belongs_to(database.keyring, client)]),
        *([] if key_name is None else [decisions.c.key_name == key_name]),
        *([] if since is None else [decisions.c.time >= since]),
        *([] if until is None else [decisions.c.time < until]),
        *([] if decision is None else [decisions.c.decision == decision]),
        *([] if cursor is None else [decisions.c.id < cursor]),
    ]
    with database.read() as connection:
        found = _records(database, connection, conditions, limit + 1, newest_first=True)
    more = len(found) > limit
    return Page(tuple(found[:limit]), found[limit - 1].decision.id if more else None)


def records_since(database: Database, since: datetime) -> Iterator[Record]:
    """All decisions made at or after `since`, by id, in short transactions."""
    conditions = [decisions.c.time >= since]
    after: list[ColumnElement[bool]] = []
    while True:
        with database.read() as connection:
            found = _records(database, connection, conditions + after, MOST)
        yield from found
        if len(found) < MOST:
            return
        after = [decisions.c.id > found[-1].decision.id]


def waiting_for_review(database: Database, limit: int = 50) -> list[Record]:
    """Decisions that are contested or begun to be reviewed, and not completely; oldest first."""
    begun = union(select(contests.c.decision_id), select(reviews.c.decision_id)).subquery()
    complete = select(reviews.c.decision_id).where(reviews.c.complete)
    waiting = [decisions.c.id.in_(select(begun)), decisions.c.id.not_in(complete)]
    with database.read() as connection:
        return _records(database, connection, waiting, limit)


def _records(
    database: Database,
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    newest_first: bool = False,
) -> list[Record]:
    order = decisions.c.id.desc() if newest_first else decisions.c.id
    rows = connection.execute(
        select(decisions).where(*conditions).order_by(order).limit(limit)
    ).all()
    ids = [row.id for row in rows]
    ciphers = ciphers_for_reading(connection, database.keyring, {row.client_key for row in rows})
    of_decision = {row.id: ciphers.get(row.client_key) for row in rows}
    outcome = {
        row.decision_id: Outcome(row.outcome, row.date)
        for row in connection.execute(select(outcomes).where(outcomes.c.decision_id.in_(ids)))
    }
    contest = {
        row.decision_id: Contest.from_row(row, of_decision[row.decision_id])
        for row in connection.execute(select(contests).where(contests.c.decision_id.in_(ids)))
    }
    given = connection.execute(
        select(reviews)
        .where(reviews.c.decision_id.in_(ids))
        .order_by(reviews.c.decision_id, reviews.c.number)
    )
    review = {
        decision_id: tuple(Review.from_row(row, of_decision[decision_id]) for row in group)
        for decision_id, group in groupby(given, key=lambda row: row.decision_id)
    }
    return [
        Record(
            _decision(row, of_decision[row.id]),
            of_decision[row.id] is None,
            outcome.get(row.id),
            contest.get(row.id),
            review.get(row.id, ()),
        )
        for row in rows
    ]


def _decision(row: Row[Any], cipher: Cipher | None) -> Decision:
    content: dict[str, Any] = {"client": "", "inputs": "null"}
    if cipher is not None:
        content = json.loads(cipher.decrypt(row.encrypted, f"decision {row.id}"))
    return Decision(**{name: getattr(row, name) for name in READABLE}, **content)
