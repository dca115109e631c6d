"""The settings, from the environment. No other module reads it."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar, get_args

from ledger.errors import InvalidSetting

Mode = Literal["spool", "strict"]
Synchronous = Literal["normal", "full"]
WhenFull = Literal["refuse", "drop"]
Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True)
class Settings:
    """Where and how decisions are kept.

    database_url : DATABASE_URL, `postgres://...` or `sqlite:///...`.
    key : LEDGER_KEY, 32 bytes in base64; wraps the key of each client.
    old_keys : LEDGER_OLD_KEYS, former values of LEDGER_KEY, until `rotate-key` has been run.
    signing_key : LEDGER_SIGNING_KEY, 32 bytes in base64, an Ed25519 seed; None: no root is signed.
    mode : LEDGER, "spool" or "strict" (insert and commit before the answer).
    spool_directory : LEDGER_SPOOL, one directory per service and machine.
    spool_megabytes : LEDGER_SPOOL_MB, the limit of each process's spool.
    spool_sync : LEDGER_SPOOL_SYNC, "normal" survives a killed process, "full" also a power cut.
    when_full : LEDGER_FULL, "refuse" raises `SpoolFull`, "drop" counts.
    reviewers : LEDGER_REVIEWERS, how many people must agree to complete a review, 1 or 2.
    lender_name, lender_contact : LENDER_NAME, LENDER_CONTACT, who clients write to; without both
        there are no notices.
    notice_templates : NOTICE_TEMPLATES, a folder of files that replace those of `templates/`.
    """

    database_url: str = field(repr=False)
    key: bytes = field(repr=False)
    signing_key: bytes | None = field(default=None, repr=False)
    mode: Mode = "spool"
    spool_directory: Path = Path("spool")
    spool_megabytes: int = 256
    spool_sync: Synchronous = "normal"
    when_full: WhenFull = "refuse"
    reviewers: int = 1
    lender_name: str = ""
    lender_contact: str = ""
    notice_templates: Path | None = None
    old_keys: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def waits(self) -> bool:
        """Whether keeping a decision waits for the database or for the disk."""
        return self.mode == "strict" or self.spool_sync == "full"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings | None":
        """None without DATABASE_URL: nothing is kept. Raises `InvalidSetting`."""
        url = environ.get("DATABASE_URL")
        if not url:
            return None
        state = environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return cls(
            database_url=url,
            key=_key("LEDGER_KEY", environ.get("LEDGER_KEY", "")),
            old_keys=tuple(_keys(environ, "LEDGER_OLD_KEYS")),
            signing_key=next(_keys(environ, "LEDGER_SIGNING_KEY"), None),
            mode=_choice(environ, "LEDGER", get_args(Mode)),
            spool_directory=Path(
                environ.get("LEDGER_SPOOL") or Path(state, "credit-scoring/spool")
            ),
            spool_megabytes=_whole(environ, "LEDGER_SPOOL_MB", 256, range(1, 1_000_001)),
            spool_sync=_choice(environ, "LEDGER_SPOOL_SYNC", get_args(Synchronous)),
            when_full=_choice(environ, "LEDGER_FULL", get_args(WhenFull)),
            reviewers=_whole(environ, "LEDGER_REVIEWERS", 1, range(1, 3)),
            lender_name=environ.get("LENDER_NAME", "").strip(),
            lender_contact=environ.get("LENDER_CONTACT", "").strip(),
            notice_templates=_folder(environ, "NOTICE_TEMPLATES"),
        )


def _keys(environ: Mapping[str, str], name: str) -> Iterator[bytes]:
    """Of a list with commas, which may be absent or empty."""
    return (_key(name, text.strip()) for text in environ.get(name, "").split(",") if text)


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise InvalidSetting(name, "must be 32 bytes in base64 (openssl rand -base64 32)")
    return key


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    folder = environ.get(name)
    if folder and not Path(folder).is_dir():
        raise InvalidSetting(name, "must be a folder")
    return Path(folder) if folder else None


def _choice(environ: Mapping[str, str], name: str, choices: tuple[Choice, ...]) -> Choice:
    chosen = environ.get(name) or choices[0]
    for choice in choices:
        if choice == chosen:
            return choice
    raise InvalidSetting(name, f"must be one of {', '.join(choices)}")


def _whole(environ: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or int(text) not in allowed:
        raise InvalidSetting(name, f"must be from {allowed[0]} to {allowed[-1]}")
    return int(text)
