"""API keys and their rate limits.

A key is 32 random bytes, so its plain SHA-256 cannot be reversed by trying: slow password hashes
protect what people can remember, and here would only cost processor time.
"""

import fcntl
import hmac
import math
import mmap
import os
import re
import struct
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from typing import NamedTuple

from app.errors import RateExceeded, Unauthorized

PREFIX = "cs_"
"""Lets secret scanners recognise a key in files and logs."""

KEY_HEADER = "X-API-Key"
_SCHEME = "bearer "
SCORE, REVIEW, AUDIT = "score", "review", "audit"
"""Roles: to score; to see and review every decision; to see every decision."""

_ROLE = f"(?:{SCORE}|{REVIEW}|{AUDIT})"
_ENTRY = re.compile(
    r"(?P<name>[A-Za-z0-9_.-]{1,32}):(?P<digest>[0-9a-f]{64})"
    rf"(?::(?P<roles>{_ROLE}(?:\+{_ROLE})*))?"
)
_BUCKET = struct.Struct("dd")


class Key(NamedTuple):
    """The name of a key's holder, the SHA-256 of the key in hexadecimal, and its roles."""

    name: str
    digest: str
    roles: frozenset[str] = frozenset({SCORE})


def make_key() -> str:
    """A new key."""
    return PREFIX + token_urlsafe(32)


def digest_of(key: str) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def read_keys(text: str) -> tuple[Key, ...]:
    """`name:digest,name:digest:role+role`; without roles a key may score. A name may come twice
    while its key is being replaced.

    Raises ValueError.
    """
    entries = [_ENTRY.fullmatch(entry.strip()) for entry in text.split(",")]
    if not all(entries):
        raise ValueError
    return tuple(
        Key(entry["name"], entry["digest"], frozenset((entry["roles"] or SCORE).split("+")))
        for entry in entries
        if entry
    )


class Authentication:
    """Checks the key of a request and its rate; without keys every request is accepted.

    `rate` is in requests per second for each name. Worker processes share the rates through a
    file in `directory`; without one, each process counts alone.
    """

    def __init__(self, keys: Sequence[Key], rate: float | None, directory: str | None) -> None:
        self._keys = keys
        names = sorted({key.name for key in keys})
        self._buckets = TokenBuckets(names, rate, directory) if rate and names else None

    def check(self, headers: Mapping[str, str]) -> Key | None:
        """The key of a request; None without keys. Raises Unauthorized, RateExceeded."""
        if not self._keys:
            return None
        key = self._find(digest_of(_key_in(headers)))
        if key is None:
            raise Unauthorized
        if self._buckets and (seconds := self._buckets.take(key.name)):
            raise RateExceeded(seconds)
        return key

    def _find(self, digest: str) -> Key | None:
        """Takes the same time for every digest, known or not."""
        found = None
        for key in self._keys:
            if hmac.compare_digest(digest, key.digest):
                found = key
        return found


class TokenBuckets:
    """`rate` tokens per second for each name, at most a second's worth, and at least one token.

    A bucket is two doubles in a file that processes share: tokens, and the monotonic time at which
    they were counted. All zeros is a full bucket.
    """

    def __init__(self, names: Sequence[str], rate: float, directory: str | None) -> None:
        self._rate, self._size = rate, max(1.0, rate)
        self._offsets = {name: place * _BUCKET.size for place, name in enumerate(names)}
        path = Path(directory or tempfile.mkdtemp(), "rates")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.truncate(self._file, len(names) * _BUCKET.size)
        self._memory = mmap.mmap(self._file, len(names) * _BUCKET.size)
        self._lock = Lock()  # threads of one process share its file lock

    def take(self, name: str) -> int:
        """0 if there was a token, else the whole seconds until there is one."""
        offset = self._offsets[name]
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                now = time.monotonic()
                tokens, counted = _BUCKET.unpack_from(self._memory, offset)
                filled = tokens + (now - counted) * self._rate if counted else self._size
                tokens = min(self._size, filled)
                _BUCKET.pack_into(self._memory, offset, max(tokens - 1, tokens % 1), now)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
        return 0 if tokens >= 1 else math.ceil((1 - tokens) / self._rate)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _key_in(headers: Mapping[str, str]) -> str:
    authorization = headers.get("authorization", "")
    if authorization[: len(_SCHEME)].lower() == _SCHEME:
        return authorization[len(_SCHEME) :].strip()
    return headers.get("x-api-key", "")
