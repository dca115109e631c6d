"""One decision to keep: what was asked, what was answered, and by which model."""

import hashlib
import json
import math
import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from ledger.errors import InvalidDecision

Answer = Literal["Yes", "No"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A scored client.

    Fields named "JSON text" are kept byte for byte. Of these and of `client`, all of which are
    encrypted, nothing remains readable once the client is forgotten. Raises `InvalidDecision`.

    id : UUIDv7, from `new_id`.
    time : with its time zone.
    client : the client's id, as text.
    inputs : JSON text, the row as received.
    solvency, threshold : between 0 and 1.
    coverage : between 0 and 1, or None where it was not computed.
    reasons, warnings : JSON text.
    explanation : JSON text, what else is frozen with the decision (counterfactuals, sources).
    """

    id: str
    request_id: str
    time: datetime
    key_name: str
    client: str
    inputs: str
    solvency: float
    threshold: float
    decision: Answer
    coverage: float | None = None
    reasons: str = "null"
    warnings: str = "null"
    explanation: str = "null"
    model_name: str
    model_version: str
    model_digest: str
    policy_version: str = ""

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise InvalidDecision("id", "must be a UUID")
        if self.time.tzinfo is None:
            raise InvalidDecision("time", "must have a time zone")
        for name in _READABLE:
            if not getattr(self, name).isprintable():  # PostgreSQL takes no NUL, UTF-8 no surrogate
                raise InvalidDecision(name, "must be printable")
        for name in ("solvency", "threshold", "coverage"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise InvalidDecision(name, "must be finite")

    @staticmethod
    def encode(decisions: Sequence["Decision"]) -> bytes:
        """Raises `InvalidDecision` for a text that UTF-8 cannot hold."""
        try:
            return orjson.dumps(decisions)
        except TypeError:
            raise InvalidDecision("a text", "must be valid Unicode") from None

    @classmethod
    def decode(cls, encoded: bytes) -> list["Decision"]:
        contents = orjson.loads(encoded)
        return [cls(**each | {"time": datetime.fromisoformat(each["time"])}) for each in contents]


_READABLE = (
    *("request_id", "key_name"),
    *("model_name", "model_version", "model_digest", "policy_version"),
)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> bytes:
    """The one form in which content is hashed and signed: JSON in ASCII, keys sorted, no spaces."""
    return _CANONICAL.encode(value).encode()


def time_text(moment: datetime) -> str:
    """UTC with microseconds, as in 2026-11-20T08:00:00.000000+00:00."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in the form that `new_id` gives."""
    return bool(_ID.fullmatch(text))


class _IdSource:
    """UUIDv7 (RFC 9562, method 1 of section 6.2): milliseconds, a 12-bit counter, 62 random bits.

    Ids of one process never go back: while the clock stands still or is behind, the counter
    goes on, and borrows the next millisecond when it is used up.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0  # milliseconds << 12 | counter

    def __call__(self) -> str:
        now = time.time_ns() // 1_000_000 << 12
        with self._lock:
            self._last = last = max(now, self._last + 1)
        random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
        return _uuid7(last >> 12, (last & 0xFFF) << 62 | random)


def _uuid7(milliseconds: int, rest: int) -> str:
    """`rest` are the 74 bits after the time."""
    bits = milliseconds << 80 | 7 << 76 | rest >> 62 << 64 | 2 << 62 | rest & (1 << 62) - 1
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


new_id = _IdSource()
"""A new decision id, greater than every id that this process made before."""


def row_id(started: datetime, batch: str, row: int) -> str:
    """The UUIDv7 of row number `row` of a batch: always the same, and greater for later rows."""
    digest = hashlib.sha256(f"{batch} {row}".encode()).digest()
    return _uuid7(int(started.timestamp() * 1000), row << 40 | int.from_bytes(digest[:5]))
