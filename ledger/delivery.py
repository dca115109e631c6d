"""The thread that delivers a spool to the database, in order, each decision once."""

import logging
import threading
import time

from ledger.database import Database
from ledger.decision import Decision
from ledger.settings import Settings
from ledger.spool import Spool, abandoned
from ledger.writing import write

BATCH = 200  # decisions in one transaction
ROUND = 2000  # decisions between two times that the spool is tidied
PAUSE = 0.2  # seconds between deliveries; after a failure twice as long each time, up to LONGEST
LONGEST = 5.0
LOOK_FOR_ABANDONED = 30.0  # seconds

log = logging.getLogger(__name__)


class Delivery:
    """Delivers a process's own spool, and those that ended processes left behind.

    problem : why the last attempt failed, "" if it did not.
    """

    def __init__(self, database: Database, settings: Settings, spool: Spool) -> None:
        self.problem = ""
        self._database = database
        self._settings = settings
        self._spool = spool
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger delivery", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Attempt a last delivery, for at most `timeout` seconds, and end the thread."""
        self._stop.set()
        self._thread.join(timeout)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        delay, next_look = PAUSE, 0.0
        while True:
            last = self._stop.is_set()
            try:
                self._deliver(self._spool)
                if time.monotonic() >= next_look:
                    self._deliver_abandoned()
                    next_look = time.monotonic() + LOOK_FOR_ABANDONED
                delay = PAUSE
                if self.problem:
                    log.warning("ledger: delivery goes on")
                self.problem = ""
            except Exception as error:  # the thread must outlive whatever happens to the database
                delay = min(delay * 2, LONGEST)
                if not self.problem:
                    log.error("ledger: delivery waits: %s", type(error).__name__)
                self.problem = str(error) or type(error).__name__
            if last:
                return
            self._stop.wait(delay)

    def _deliver(self, spool: Spool) -> None:
        waiting = spool.waiting  # what comes in meanwhile makes the next, larger batch
        for first in range(0, max(waiting, 1), ROUND):
            try:
                for _ in range(first, min(first + ROUND, waiting), BATCH):
                    contents = spool.read(BATCH)
                    batch = [Decision.decode(content) for content in contents]
                    write(self._database, spool.writer, batch)
                    spool.delete(len(contents))
            finally:
                spool.tidy()

    def _deliver_abandoned(self) -> None:
        for spool in abandoned(self._settings, self._database.keyring.spool):
            try:
                self._deliver(spool)
            finally:
                spool.close()
