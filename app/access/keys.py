"""API keys: a name and a hash each. The keys themselves are only with those who use them.

A key is 32 random bytes, so its plain SHA-256 cannot be turned back by trying: what makes hashing
a password slow (scrypt, bcrypt) makes up for passwords that people can remember. Here it would
only let anyone without a key keep a processor busy.
"""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

PREFIX = "cs_"
"""So that a key that leaks into a file or a log is found by its looks."""

_ENTRY = re.compile(r"(?P<name>[A-Za-z0-9_.-]{1,32}):(?P<digest>[0-9a-f]{64})")


class Key(NamedTuple):
    """Whose key it is, and its SHA-256 in hexadecimal."""

    name: str
    digest: str


def make_key() -> str:
    """A new key."""
    return PREFIX + token_urlsafe(32)


def digest_of(key: str) -> str:
    """Its SHA-256 in hexadecimal."""
    return sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def read_keys(text: str) -> tuple[Key, ...]:
    """`name:digest,name:digest`; a name may come twice, while its key is being replaced.

    Raises ValueError.
    """
    entries = [_ENTRY.fullmatch(entry.strip()) for entry in text.split(",")]
    if not all(entries):
        raise ValueError
    return tuple(Key(entry["name"], entry["digest"]) for entry in entries if entry)


def name_of(sent: str, keys: Sequence[Key]) -> str | None:
    """Whose key `sent` is. Takes as long whichever it is, and whether it is one or not."""
    digest, found = digest_of(sent), None
    for key in keys:
        if hmac.compare_digest(digest, key.digest):
            found = key.name
    return found
