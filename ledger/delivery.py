"""Delivering a spool to the database: in order, each decision once."""

import logging
import os
import threading
import uuid

from ledger.database import Database
from ledger.settings import Settings
from ledger.spool import complete_files, hold
from ledger.writing import write

BATCH = 200  # decisions in one transaction
PAUSE = 0.05  # seconds between two looks; after a failure twice as long each time, up to LONGEST
LONGEST = 5.0

log = logging.getLogger(__name__)


class Delivery:
    """Delivers the files of a spool for as long as it runs. One at a time delivers a directory:
    the others wait until it ends.

    problem : why the last attempt failed, "" if it did not.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self.problem = ""
        self._database = database
        self._settings = settings
        self._writer = str(uuid.uuid4())
        self._stop = threading.Event()

    def run(self) -> None:
        """Deliver until `stop` was called, and then what waits, if the database takes it."""
        held, delay = None, PAUSE
        try:
            while True:
                last = self._stop.is_set()
                held = held or hold(self._settings.spool_directory)
                if held:
                    delay = self._attempt(delay)
                if last:
                    return
                self._stop.wait(delay)
        finally:
            if held:
                os.close(held)

    def stop(self) -> None:
        """Ask for a last attempt."""
        self._stop.set()

    def _attempt(self, delay: float) -> float:
        """Deliver what waits. Returns how long to pause."""
        try:
            while self._deliver():
                pass
        except Exception as error:  # this must outlive whatever happens to the database
            if not self.problem:
                log.error("ledger: delivery waits: %s", type(error).__name__)
            self.problem = str(error) or type(error).__name__
            return min(delay * 2, LONGEST)
        if self.problem:
            log.warning("ledger: delivery goes on")
        self.problem = ""
        return PAUSE

    def _deliver(self) -> int:
        """Returns how many decisions were delivered."""
        count = 0
        for waiting in complete_files(self._settings.spool_directory, self._database.keyring.spool):
            try:
                decisions = waiting.decisions()
                for first in range(0, len(decisions), BATCH):
                    write(self._database, self._writer, decisions[first : first + BATCH])
                waiting.remove()
                count += len(decisions)
            finally:
                waiting.close()
        return count
