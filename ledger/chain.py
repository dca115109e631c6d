"""The chains of hashes: what each row's hash covers, and checking that nothing was altered.

Every writer has a chain of its own. Its rows are numbered from 1 without a gap; each carries the
SHA-256 of its own content, and in that content the hash of the row before. Encrypted columns
enter as they are stored, so that a chain stays valid when a client's key is destroyed.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ledger.decision import canonical, time_text


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written. `decision` is "" where no row is left to name."""

    kind: Literal["changed", "removed", "inserted", "root"]
    problem: str
    writer: str = ""
    sequence: int = 0
    decision: str = ""

    def __str__(self) -> str:
        place = f" writer {self.writer} sequence {self.sequence}" if self.writer else ""
        return (
            f"{self.kind}:{place}{self.decision and f' decision {self.decision}'}: {self.problem}"
        )


@dataclass(frozen=True)
class Head:
    """The end of one writer's chain."""

    writer: str
    sequence: int
    hash: str


def start(writer: str) -> str:
    """The hash that the first row of a chain names as the one before it."""
    return hashlib.sha256(f"ledger writer {writer}".encode()).hexdigest()


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `decisions` as JSON can hold it: the time as text in UTC, bytes in base64."""
    encrypted = base64.b64encode(row["encrypted"]).decode()
    return {**row, "time": time_text(row["time"]), "encrypted": encrypted}


def row_hash(row: Mapping[str, Any]) -> str:
    """The hash of a row of `decisions`, in the form that `plain` gives."""
    content = {column: value for column, value in row.items() if column != "hash"}
    return hashlib.sha256(canonical(content)).hexdigest()


def check(
    rows: Iterable[Mapping[str, Any]], heads: Iterable[Head], signed: Iterable[Head] = ()
) -> Iterator[Finding]:
    """Compare rows with the chains' ends and with signed earlier ends.

    rows : plain rows of `decisions`, ordered by writer and sequence.
    """
    ends = {head.writer: head for head in heads}
    expected = {(head.writer, head.sequence): head.hash for head in signed}
    before: Mapping[str, Any] | None = None
    for row in rows:
        if before is None or before["writer"] != row["writer"]:
            if before is not None:
                yield from _check_end(before, ends.pop(before["writer"], None))
            before = None
        yield from _check_row(row, before)
        if expected.pop((row["writer"], row["sequence"]), row["hash"]) != row["hash"]:
            yield _finding("changed", row, "its hash is not the one in a signed root")
        before = row
    if before is not None:
        yield from _check_end(before, ends.pop(before["writer"], None))
    for end in ends.values():
        if end.sequence:
            yield Finding("removed", f"rows 1 to {end.sequence} are gone", end.writer, 1)
    for writer, sequence in expected:
        yield Finding("removed", "a signed root names this row", writer, sequence)


def _check_row(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Finding]:
    last, link = (before["sequence"], before["hash"]) if before else (0, start(row["writer"]))
    if row_hash(row) != row["hash"]:
        yield _finding("changed", row, "its content does not have its hash")
    if row["sequence"] <= last:
        yield _finding("inserted", row, "its sequence number is taken or below 1")
    elif row["sequence"] > last + 1:
        gone = f"rows {last + 1} to {row['sequence'] - 1} are gone"
        yield Finding("removed", gone, row["writer"], last + 1)
    elif row["previous"] != link:
        yield _finding("changed", before or row, "the row after it names another hash")


def _check_end(last: Mapping[str, Any], end: Head | None) -> Iterator[Finding]:
    if end is None:
        yield _finding("inserted", last, "its writer is not known")
    elif last["sequence"] > end.sequence:
        gap = f"the chain ended at sequence {end.sequence}"
        yield _finding("inserted", last, gap)
    elif last["sequence"] < end.sequence:
        gone = f"rows {last['sequence'] + 1} to {end.sequence} are gone"
        yield Finding("removed", gone, end.writer, last["sequence"] + 1)
    elif last["hash"] != end.hash:
        yield _finding("changed", last, "the chain ended with another hash")


def _finding(kind: Literal["changed", "inserted"], row: Mapping[str, Any], why: str) -> Finding:
    return Finding(kind, why, row["writer"], row["sequence"], row["id"])
