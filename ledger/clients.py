"""The clients' keys in the database, and forgetting a client by destroying them.

A key encrypts at most KEY_DAYS of one client's decisions, then the client gets another, so that
old decisions can be forgotten while newer ones of the same client stay readable. Each writer may
give a client a key of its own; all of them have the same look-up hash.
"""

import json
import uuid
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, insert, not_, select, update

from ledger.database import Database
from ledger.encryption import Cipher, Keyring
from ledger.schema import client_keys, decisions

KEY_DAYS = 30
ROTATED_AT_ONCE = 500
"""Keys of clients in one transaction."""


def ciphers_for_writing(
    connection: Connection, keyring: Keyring, clients: Collection[str]
) -> dict[str, tuple[str, Cipher]]:
    """For each client the id of its current key and that key; new ones are stored."""
    now = datetime.now(UTC)
    by_lookup = {lookup: client for client in clients for lookup in keyring.lookups(client)}
    current = connection.execute(
        select(client_keys.c.id, client_keys.c.lookup, client_keys.c.wrapped).where(
            client_keys.c.lookup.in_(by_lookup),
            client_keys.c.created > now - timedelta(days=KEY_DAYS),
        )
    )
    ciphers = {
        by_lookup[row.lookup]: (row.id, keyring.unwrap(row.wrapped, row.id)) for row in current
    }
    new = []
    for client in set(clients) - ciphers.keys():
        key_id, lookup = str(uuid.uuid4()), keyring.lookups(client)[0]
        cipher, wrapped = keyring.new_client_key(key_id)
        ciphers[client] = key_id, cipher
        new.append({"id": key_id, "created": now, "lookup": lookup, "wrapped": wrapped})
    if new:
        connection.execute(insert(client_keys), new)
    return ciphers


def ciphers_for_reading(
    connection: Connection, keyring: Keyring, key_ids: Collection[str]
) -> dict[str, Cipher]:
    """The keys with these ids, without those that were destroyed. Raises `WrongKey`."""
    rows = connection.execute(
        select(client_keys.c.id, client_keys.c.wrapped).where(
            client_keys.c.id.in_(key_ids), client_keys.c.wrapped.is_not(None)
        )
    )
    return {row.id: keyring.unwrap(row.wrapped, row.id) for row in rows}


def belongs_to(keyring: Keyring, client: str) -> ColumnElement[bool]:
    """The condition that a decision is this client's."""
    keys = select(client_keys.c.id).where(client_keys.c.lookup.in_(keyring.lookups(client)))
    return decisions.c.client_key.in_(keys)


def forget(database: Database, client: str) -> int:
    """Destroy all keys of a client. Returns how many decisions became unreadable."""
    return _destroy(database, client_keys.c.lookup.in_(database.keyring.lookups(client)))


def forget_older(database: Database, before: datetime) -> int:
    """Destroy the keys under which no decision was made since `before`. What is then still
    readable is at most KEY_DAYS older than that. Returns how many decisions became unreadable."""
    recent = select(decisions.c.client_key).where(decisions.c.time >= before)
    return _destroy(database, (client_keys.c.created < before) & not_(client_keys.c.id.in_(recent)))


def rotate(database: Database) -> int:
    """Wrap all clients' keys under LEDGER_KEY, and look clients up with it. Returns how many keys.

    Some at a time: safe to repeat, and while decisions are made. Raises `WrongKey`.
    """
    count, last = 0, ""
    while True:
        with database.write() as connection:
            rows = connection.execute(
                select(client_keys.c.id, client_keys.c.wrapped)
                .where(
                    client_keys.c.wrapped.is_not(None), *([client_keys.c.id > last] if last else [])
                )
                .order_by(client_keys.c.id)
                .limit(ROTATED_AT_ONCE)
                .with_for_update()
            ).all()
            if not rows:
                return count
            for row in rows:
                wrapped = database.keyring.wrap_again(row.wrapped, row.id)
                connection.execute(
                    update(client_keys)
                    .where(client_keys.c.id == row.id)
                    .values(wrapped=wrapped, lookup=_lookup(database, connection, row.id))
                )
        count, last = count + len(rows), rows[-1].id


def _lookup(database: Database, connection: Connection, key_id: str) -> str:
    """Under LEDGER_KEY, of the client whose id stands in each decision under this key."""
    made = connection.execute(
        select(decisions.c.id, decisions.c.encrypted)
        .where(decisions.c.client_key == key_id)
        .limit(1)
    ).one()
    cipher = ciphers_for_reading(connection, database.keyring, [key_id])[key_id]
    client = json.loads(cipher.decrypt(made.encrypted, f"decision {made.id}"))["client"]
    return database.keyring.lookups(client)[0]


def _destroy(database: Database, condition: ColumnElement[bool]) -> int:
    with database.write() as connection:
        destroyed = update(client_keys).where(condition, client_keys.c.wrapped.is_not(None))
        ids = connection.scalars(
            destroyed.values(wrapped=None, lookup=None, forgotten=datetime.now(UTC)).returning(
                client_keys.c.id
            )
        ).all()
        return sum(
            connection.scalar(
                select(func.count()).select_from(decisions).where(decisions.c.client_key == key_id)
            )
            or 0
            for key_id in ids
        )
