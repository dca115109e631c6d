"""Keeping decisions: what the service calls before it answers."""

import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ledger.database import connect
from ledger.decision import Decision
from ledger.delivery import BATCH, Delivery
from ledger.errors import SpoolFull
from ledger.settings import Settings
from ledger.spool import Spool, bytes_in, waiting_in
from ledger.writing import write

Item = TypeVar("Item")


class Ledger(AbstractContextManager["Ledger"]):
    """Keeps decisions, in the way that the settings ask for. Safe for use by many threads.

    Make one in each process, after it was forked. The database may be down at that time. Raises
    `InvalidSetting`.

    deliver : whether a thread of this process delivers the spool; else
        `credit-scoring ledger deliver` must run on this machine.
    database : what the functions of `reading`, `reviews` and `outcomes` take.
    dropped : how many decisions a full spool refused, since the start.
    """

    def __init__(self, settings: Settings, deliver: bool = True) -> None:
        self.settings = settings
        self.database = connect(settings)
        self.dropped = 0
        self._delivery: Delivery | None = None
        if settings.mode == "strict":
            self._writer = str(uuid.uuid4())
            self._inserts = _GroupCommit(self._insert)
        else:
            self._spool = Spool(self.database.keyring.spool, settings)
            append: Callable[[Sequence[Decision]], None] = self._spool.append
            self._append = _GroupCommit(append).submit if settings.waits else append
            if deliver:
                self._delivery = Delivery(self.database, settings)
                self._thread = threading.Thread(
                    target=self._delivery.run, name="ledger delivery", daemon=True
                )
                self._thread.start()

    def keep(self, decisions: Sequence[Decision]) -> int:
        """Return once the decisions are durable: how many of them were dropped.

        Mode "strict": committed to the database. Raises `DatabaseUnavailable`; some of the
        decisions may have been kept then.
        Mode "spool": in the local spool. Raises `SpoolFull` and keeps none, unless the settings
        say to drop and count.
        """
        if self.settings.mode == "strict":
            self._inserts.submit(decisions)
            return 0
        try:
            self._append(decisions)
        except SpoolFull:
            if self.settings.when_full == "refuse":
                raise
            self.dropped += len(decisions)
            return len(decisions)
        return 0

    @property
    def problem(self) -> str:
        """Why this process cannot deliver at the moment, "" if it can."""
        return self._delivery.problem if self._delivery else ""

    def waiting(self) -> int:
        """How many decisions are in the spool."""
        return waiting_in(self.settings.spool_directory)

    def spool_bytes(self) -> int:
        """How much waits in the spool."""
        return bytes_in(self.settings.spool_directory)

    def close(self, timeout: float = 10.0) -> None:
        """Deliver what waits, for at most `timeout` seconds; the rest stays in the spool."""
        if self.settings.mode == "spool":
            self._spool.close()
        if self._delivery:
            self._delivery.stop()
            self._thread.join(timeout)
        self.database.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _insert(self, decisions: Sequence[Decision]) -> None:
        for first in range(0, len(decisions), BATCH):
            write(self.database, self._writer, decisions[first : first + BATCH])


@dataclass
class _Batch(Generic[Item]):
    items: list[Item] = field(default_factory=list)
    written: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class _GroupCommit(Generic[Item]):
    """Lets concurrent callers share a commit: while one batch is written, the next one gathers.
    The first caller of a batch writes it."""

    def __init__(self, write: Callable[[Sequence[Item]], None]) -> None:
        self._write = write
        self._joining = threading.Lock()
        self._writing = threading.Lock()
        self._open: _Batch[Item] = _Batch()

    def submit(self, items: Sequence[Item]) -> None:
        """Return once the items are written. Raises what `write` raised for their batch."""
        if not items:
            return
        with self._joining:
            batch = self._open
            first = not batch.items
            batch.items += items
        if first:
            with self._writing:
                with self._joining:
                    self._open = _Batch()
                try:
                    self._write(batch.items)
                except BaseException as error:
                    batch.error = error
                finally:
                    batch.written.set()
        else:
            batch.written.wait()
        if batch.error is not None:
            raise batch.error
