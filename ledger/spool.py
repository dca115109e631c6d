"""A spool on this machine: decisions wait here, encrypted, until the database has them.

A directory of files. Each process that keeps decisions appends to a file of its own, which it holds
locked; a file that nobody holds is complete and may be delivered, also when its process was killed.
A file is removed once it is delivered.

What was written is in the operating system's hands: it survives kill -9 of the process, but not a
power cut; with LEDGER_SPOOL_SYNC=full it survives both.
"""

import fcntl
import os
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ledger.decision import Decision, new_id
from ledger.encryption import Cipher
from ledger.errors import InvalidSetting, SpoolFull
from ledger.settings import Settings

CONTEXT = "spool"
SUFFIX = ".spool"
HEAD = struct.Struct(">II")  # before each entry: its bytes, its decisions
FILE_BYTES = 1_000_000  # of a file that other files wait before
FILE_SECONDS = 0.05  # at least, that a file is appended to


class Spool:
    """Where one process appends. Safe for use by many threads."""

    def __init__(self, cipher: Cipher, settings: Settings) -> None:
        self._directory = settings.spool_directory
        self._cipher = cipher
        self._limit = settings.spool_megabytes * 1_000_000
        self._synchronous = settings.spool_sync == "full"
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path, self._size = Path(), 0
        self._complete: dict[Path, int] = {}  # sizes of this process's other files, in order
        self._appended, self._closed = threading.Event(), False
        _make(self._directory)
        threading.Thread(target=self._run, name="ledger spool", daemon=True).start()

    def append(self, decisions: Sequence[Decision]) -> None:
        """Store decisions durably, all or none. Raises `SpoolFull`."""
        encrypted = self._cipher.encrypt(Decision.encode(decisions), CONTEXT)
        entry = HEAD.pack(len(encrypted), len(decisions)) + encrypted
        with self._lock:
            if self._size + sum(self._complete.values()) + len(entry) > self._limit:
                raise SpoolFull("LEDGER_SPOOL_MB")
            try:
                self._write(entry)
            except OSError as error:
                raise SpoolFull(os.strerror(error.errno or 0)) from None
            self._size += len(entry)
            self._appended.set()

    def _write(self, entry: bytes) -> None:
        """Raises OSError, and leaves nothing of the entry then."""
        if self._file is None:
            self._open()
        assert self._file is not None
        try:
            written = os.write(self._file, entry)
            while written < len(entry):
                written += os.write(self._file, entry[written:])
            if self._synchronous:
                os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self._size)
            raise

    def _open(self) -> None:
        """A new file, locked before it has the name by which it is delivered."""
        name = self._directory / new_id()
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        self._path = name.with_suffix(SUFFIX)
        name.rename(self._path)
        self._file, self._size = file, 0
        if self._synchronous:
            directory = os.open(self._directory, os.O_RDONLY)
            os.fsync(directory)
            os.close(directory)

    def _run(self) -> None:
        """Completes files, so that they are delivered soon but are not many."""
        while self._appended.wait() and not self._closed:
            time.sleep(FILE_SECONDS)
            with self._lock:
                self._complete = {p: size for p, size in self._complete.items() if p.exists()}
                if not self._complete or self._size >= FILE_BYTES:
                    self._finish()
                if not self._complete:
                    self._appended.clear()

    def _finish(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._complete[self._path] = self._size
            self._file, self._size = None, 0

    def close(self) -> None:
        """Complete the file; what waits is delivered by the next process, if not by this one."""
        with self._lock:
            self._closed = True
            self._finish()
        self._appended.set()


class Waiting:
    """A complete file of a spool, held until `close`.

    Its decisions are read in order; an entry that was not written to its end was never kept.
    """

    def __init__(self, path: Path, file: int, cipher: Cipher) -> None:
        self._path, self._file, self._cipher = path, file, cipher

    def decisions(self) -> list[Decision]:
        """Raises `WrongKey`."""
        content = self._path.read_bytes()
        return [
            decision
            for start, end, _ in _entries(content)
            for decision in Decision.decode(self._cipher.decrypt(content[start:end], CONTEXT))
        ]

    def remove(self) -> None:
        """They are delivered."""
        self._path.unlink()

    def close(self) -> None:
        os.close(self._file)


def complete_files(directory: Path, cipher: Cipher) -> Iterator[Waiting]:
    """The files that no process appends to, oldest first."""
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        with suppress(FileNotFoundError):
            file = _locked(path, os.O_RDONLY)
            if file is not None:
                yield Waiting(path, file, cipher)


def hold(directory: Path) -> int | None:
    """The right to deliver, as a file to close; None while another process or thread has it."""
    _make(directory)
    return _locked(directory / "delivery.lock", os.O_RDWR | os.O_CREAT)


def _locked(path: Path, flags: int) -> int | None:
    """The opened file, locked; None while another process or thread has the lock."""
    file = os.open(path, flags, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def bytes_in(directory: Path) -> int:
    """How many bytes wait in a directory."""
    total = 0
    for path in directory.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def waiting_in(directory: Path) -> int:
    """How many decisions wait in a directory."""
    total = 0
    for path in directory.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            total += sum(count for _, _, count in _entries(path.read_bytes()))
    return total


def _entries(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Start, end and number of decisions of each whole entry."""
    start = HEAD.size
    while start <= len(content):
        size, count = HEAD.unpack_from(content, start - HEAD.size)
        if start + size > len(content):
            return
        yield start, start + size, count
        start += size + HEAD.size


def _make(directory: Path) -> None:
    """Raises `InvalidSetting` where the directory cannot be written."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(directory, os.W_OK | os.X_OK):
            raise PermissionError
    except OSError as error:
        raise InvalidSetting("LEDGER_SPOOL", f"cannot be used ({type(error).__name__})") from None
