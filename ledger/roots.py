"""Signed roots: the ends of all chains, signed, so that an export proves itself.

A root is a statement in canonical JSON: its number, its time, the hash of the statement before,
and of each chain that has grown since then its end. Publish a root's line, or send it to someone:
with it and the public key one can check any later export, without the database.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, insert, select, update

from ledger.chain import Finding, Head, check, plain
from ledger.database import Database
from ledger.decision import canonical, time_text
from ledger.schema import decisions, roots, writers


@dataclass(frozen=True)
class Root:
    """statement : canonical JSON. signature, public_key : Ed25519, in base64."""

    number: int
    statement: str
    signature: str
    public_key: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.statement.encode()).hexdigest()


def sign(database: Database, seed: bytes) -> Root:
    """Sign the present ends of all chains. `seed` are the 32 bytes of an Ed25519 key."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    with database.write() as connection:
        last = connection.execute(
            select(roots).order_by(roots.c.number.desc()).limit(1)
        ).one_or_none()
        grown = connection.execute(
            update(writers)
            .where(writers.c.sequence > writers.c.signed_sequence)
            .values(signed_sequence=writers.c.sequence)
            .returning(writers.c.id, writers.c.sequence, writers.c.hash)
        )
        number = last.number + 1 if last else 1
        content = {
            "number": number,
            "time": time_text(datetime.now(UTC)),
            "previous": Root(*last).hash if last else "",
            "heads": sorted(list(head) for head in grown),
        }
        statement = canonical(content)
        root = Root(
            number,
            statement.decode(),
            base64.b64encode(key.sign(statement)).decode(),
            public_key(seed),
        )
        connection.execute(insert(roots), asdict(root))
        return root


def public_key(seed: bytes) -> str:
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return base64.b64encode(key.public_bytes_raw()).decode()


def export(database: Database, out: TextIO) -> None:
    """Write what `verify_export` needs, a JSON object per line: roots, chains' ends, decisions as
    stored (what is personal stays encrypted)."""
    with database.read() as connection:
        for root in _roots(connection):
            _write_line(out, "root", asdict(root))
        for head in _heads(connection):
            _write_line(out, "head", asdict(head))
        for row in _rows(connection):
            _write_line(out, "decision", row)


def verify(database: Database, trusted_key: str | None) -> Iterator[Finding]:
    """Check all chains and roots. `trusted_key` is the public key that roots must be signed with;
    None: whichever each of them names."""
    with database.read() as connection:
        signed = _Signed(trusted_key)
        for root in _roots(connection):
            yield from signed.add(root)
        yield from check(_rows(connection), list(_heads(connection)), signed.heads)


def verify_export(lines: Iterable[str], trusted_key: str | None) -> Iterator[Finding]:
    """Check the lines of an export, as `verify` does. Raises ValueError, KeyError or TypeError on
    what is not one."""
    signed = _Signed(trusted_key)
    heads: list[Head] = []
    first: dict[str, Any] | None = None
    parsed = map(json.loads, lines)
    for line in parsed:
        kind = line.pop("kind")
        if kind == "decision":
            first = line
            break
        if kind == "root":
            yield from signed.add(Root(**line))
        else:
            heads.append(Head(**line))
    yield from check(_decision_lines(first, parsed), heads, signed.heads)


def _decision_lines(
    first: dict[str, Any] | None, rest: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    if first is not None:
        yield first
    for line in rest:
        del line["kind"]
        yield line


class _Signed:
    """The ends of chains that a sequence of roots vouches for."""

    def __init__(self, trusted_key: str | None) -> None:
        self.heads: list[Head] = []
        self._trusted_key = trusted_key
        self._number, self._previous = 0, ""

    def add(self, root: Root) -> Iterator[Finding]:
        name = f"root {root.number}"
        statement = json.loads(root.statement)
        if (root.number, statement["previous"]) != (self._number + 1, self._previous):
            yield Finding("root", f"{name} does not follow root {self._number}")
        self._number, self._previous = root.number, root.hash
        key = Ed25519PublicKey.from_public_bytes(
            base64.b64decode(self._trusted_key or root.public_key)
        )
        try:
            key.verify(base64.b64decode(root.signature), root.statement.encode())
        except InvalidSignature:
            yield Finding("root", f"{name} is not signed with the public key")
        else:
            self.heads += [Head(*head) for head in statement["heads"]]


def _roots(connection: Connection) -> Iterator[Root]:
    for row in connection.execute(select(roots).order_by(roots.c.number)):
        yield Root(*row)


def _heads(connection: Connection) -> Iterator[Head]:
    for row in connection.execute(select(writers.c.id, writers.c.sequence, writers.c.hash)):
        yield Head(*row)


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    ordered = select(decisions).order_by(decisions.c.writer, decisions.c.sequence)
    for row in connection.execution_options(yield_per=1000).execute(ordered).mappings():
        yield plain(dict(row))


def _write_line(out: TextIO, kind: str, content: dict[str, Any]) -> None:
    out.write(canonical({"kind": kind} | content).decode() + "\n")
