"""Inserting decisions: each once, encrypted, at the end of its writer's chain."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from ledger.chain import Head, plain, row_hash, start
from ledger.clients import ciphers_for_writing
from ledger.database import Database
from ledger.decision import Decision, canonical
from ledger.schema import decisions, writers

ENCRYPTED = ("client", "inputs", "reasons", "warnings", "explanation")
READABLE = (
    *("id", "time", "request_id", "key_name"),
    *("solvency", "threshold", "decision", "coverage"),
    *("model_name", "model_version", "model_digest", "policy_version"),
)


def write(database: Database, writer: str, batch: Sequence[Decision]) -> None:
    """Insert a batch in one transaction, without those decisions that are there already.

    Repeating a batch is safe, also where the fate of the earlier transaction is not known.
    Raises `DatabaseUnavailable`.
    """
    with database.write() as connection:
        head = _lock_head(connection, writer)
        seen = _kept(connection, [each.id for each in batch])
        new = {each.id: each for each in batch if each.id not in seen}.values()
        if not new:
            return
        ciphers = ciphers_for_writing(
            connection, database.keyring, {decision.client for decision in new}
        )
        rows = []
        for decision in new:
            key_id, cipher = ciphers[decision.client]
            row: dict[str, Any] = {name: getattr(decision, name) for name in READABLE}
            content = canonical({name: getattr(decision, name) for name in ENCRYPTED})
            row["encrypted"] = cipher.encrypt(content, f"decision {decision.id}")
            row["client_key"] = key_id
            row |= {"writer": writer, "sequence": head.sequence + 1, "previous": head.hash}
            row["hash"] = row_hash(plain(row))
            head = Head(writer, row["sequence"], row["hash"])
            rows.append(row)
        connection.execute(insert(decisions), rows)
        connection.execute(
            update(writers)
            .where(writers.c.id == writer)
            .values(sequence=head.sequence, hash=head.hash)
        )


def begin(database: Database, writer: str) -> datetime:
    """When a writer's chain was begun: now, if it is new. Raises `DatabaseUnavailable`."""
    try:
        with database.write() as connection:
            _lock_head(connection, writer)
    except IntegrityError:  # another process was faster
        pass
    with database.read() as connection:
        started: datetime = connection.execute(
            select(writers.c.started).where(writers.c.id == writer)
        ).scalar_one()
        return started


def kept(database: Database, ids: Collection[str]) -> set[str]:
    """Those ids of which there are decisions. Raises `DatabaseUnavailable`."""
    with database.read() as connection:
        return _kept(connection, ids)


def _kept(connection: Connection, ids: Collection[str]) -> set[str]:
    return set(connection.scalars(select(decisions.c.id).where(decisions.c.id.in_(ids))))


def _lock_head(connection: Connection, writer: str) -> Head:
    """The end of the chain, locked until the transaction ends."""
    found = connection.execute(
        select(writers.c.sequence, writers.c.hash).where(writers.c.id == writer).with_for_update()
    ).one_or_none()
    if found is not None:
        return Head(writer, found.sequence, found.hash)
    head = Head(writer, 0, start(writer))
    row = {"id": writer, "started": datetime.now(UTC), "sequence": 0, "hash": head.hash}
    connection.execute(insert(writers), row | {"signed_sequence": 0})
    return head
