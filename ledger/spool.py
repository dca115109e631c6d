"""A spool on this machine: decisions wait here, encrypted, until the database has them.

One SQLite file per process, in WAL mode, claimed by locking a file beside it. With
synchronous=NORMAL a commit is in the operating system's hands: it survives kill -9 of the
process, but not a power cut; with FULL it survives both.
"""

import fcntl
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import IO

from ledger.encryption import Cipher
from ledger.errors import InvalidSetting, SpoolFull
from ledger.settings import Settings

CONTEXT = "spool"
PAGE_BYTES = 4096
CLEAN_SECONDS = 5.0  # at least, between two that hold up `append`


class Spool:
    """The spool that one process owns. Appending and delivering may go on in two threads.

    writer : the id of the chain that is written from this spool.
    """

    def __init__(self, path: Path, lock: IO[str], cipher: Cipher, settings: Settings) -> None:
        self.path = path
        self._lock_file = lock
        self._cipher = cipher
        self._settings = settings
        self._writing = threading.Lock()
        self._last = self._delivered = 0  # numbers of the last row stored, and delivered
        self._clean, self._next_clean = -1, 0.0  # nothing up to this number is left in the file
        self.writer = str(uuid.uuid4())
        self._open()

    @property
    def waiting(self) -> int:
        """How many decisions are not delivered yet."""
        return self._last - self._delivered

    def _open(self) -> None:
        with ExitStack() as on_failure:  # a full disk can interrupt this anywhere
            self._writer, self._reader = self._connect(on_failure), self._connect(on_failure)
            with self._writer:
                self._writer.execute("CREATE TABLE IF NOT EXISTS writer (id TEXT)")
                self._writer.execute(
                    "CREATE TABLE IF NOT EXISTS waiting (number INTEGER PRIMARY KEY, content BLOB)"
                )
                new = "INSERT INTO writer SELECT ? WHERE NOT EXISTS (SELECT * FROM writer)"
                self._writer.execute(new, (self.writer,))
            (self.writer,) = self._writer.execute("SELECT id FROM writer").fetchone()
            found = self._writer.execute("SELECT min(number), max(number) FROM waiting").fetchone()
            if found[0] is not None:
                self._delivered, self._last = found[0] - 1, found[1]
            self._usable = True
            on_failure.pop_all()

    def _connect(self, on_failure: ExitStack) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, check_same_thread=False)
        on_failure.enter_context(closing(connection))
        pages = self._settings.spool_megabytes * 1_000_000 // PAGE_BYTES
        for pragma in (
            f"page_size={PAGE_BYTES}",
            "auto_vacuum=INCREMENTAL",
            "journal_mode=WAL",
            f"synchronous={self._settings.spool_sync}",
            "secure_delete=ON",
            f"max_page_count={pages}",
            "wal_autocheckpoint=0",  # only `tidy` moves the log: that waits for the disk
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def append(self, contents: Sequence[bytes]) -> None:
        """Store contents durably, all or none. Raises `SpoolFull`."""
        encrypted = [self._cipher.encrypt(content, CONTEXT) for content in contents]
        with self._writing:
            if not self._usable:
                raise SpoolFull("SQLITE_FULL")
            numbered = list(enumerate(encrypted, self._last + 1))
            try:
                with self._writer:
                    self._writer.executemany("INSERT INTO waiting VALUES (?, ?)", numbered)
            except sqlite3.OperationalError as error:
                raise SpoolFull(error.sqlite_errorname) from None
            self._last += len(numbered)

    def read(self, most: int) -> list[bytes]:
        """The oldest contents that are not delivered, in order. Raises `WrongKey`."""
        rows = self._reader.execute(
            "SELECT content FROM waiting WHERE number > ? ORDER BY number LIMIT ?",
            (self._delivered, most),
        ).fetchall()
        return [self._cipher.decrypt(content, CONTEXT) for (content,) in rows]

    def delete(self, delivered: int) -> None:
        """Remove that many of the oldest contents: they are delivered."""
        with self._writing:
            self._delivered += delivered
            try:
                with self._writer:
                    self._writer.execute(
                        "DELETE FROM waiting WHERE number <= ?", (self._delivered,)
                    )
            except sqlite3.OperationalError:
                # A full disk refuses even this. Once nothing waits, the file is not needed.
                if self.waiting == 0:
                    self._remove()

    def tidy(self) -> None:
        """Move the log into the file; leave no delivered content in either for long."""
        if not self._usable:
            self._open()
        if self._clean == self._last:
            return
        self._reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        if self.waiting == 0 and time.monotonic() >= self._next_clean:
            with self._writing:
                self._writer.execute("PRAGMA incremental_vacuum").fetchall()
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._clean = self._last
            self._next_clean = time.monotonic() + CLEAN_SECONDS

    def _remove(self) -> None:
        self._usable = False
        self._writer.close()
        self._reader.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file for another process; it is removed if nothing waits in it."""
        if self.waiting == 0:
            self._remove()
        else:
            self._writer.close()
            self._reader.close()
        self._lock_file.close()


def claim(settings: Settings, cipher: Cipher) -> Spool:
    """The first spool of the directory that no running process owns; a new one if need be.

    Raises `InvalidSetting` where the directory cannot be written.
    """
    directory = settings.spool_directory
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        locks = ((number, _lock(directory / f"{number}.lock")) for number in count())
        number, lock = next((number, lock) for number, lock in locks if lock)
        return Spool(directory / f"{number}.db", lock, cipher, settings)
    except (OSError, sqlite3.Error) as error:
        raise InvalidSetting("LEDGER_SPOOL", f"cannot be used ({type(error).__name__})") from None


def abandoned(settings: Settings, cipher: Cipher) -> Iterator[Spool]:
    """The spools with content that no running process owns, each claimed in turn."""
    for path in sorted(settings.spool_directory.glob("*.db")):
        lock = _lock(path.with_suffix(".lock"))
        if lock:
            yield Spool(path, lock, cipher, settings)


def waiting_in(directory: Path) -> int:
    """How many decisions wait in all spools of a directory."""
    total = 0
    for path in directory.glob("*.db"):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        total += connection.execute("SELECT count(*) FROM waiting").fetchone()[0]
        connection.close()
    return total


def _lock(path: Path) -> IO[str] | None:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
