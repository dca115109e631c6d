"""A limit on the time that scoring within this process takes its caller."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.errors import ScorerTimeout

T = TypeVar("T")

THREADS = 4
"""Works at a time, more than a machine for this service has processors; others wait, and their
limit runs."""


class Deadline:
    """Waits for a work no longer than `seconds`.

    A prediction cannot be interrupted: what its caller no longer waits for runs to its end on one
    of a few threads, and what has not begun by then never does. So late work is bounded. These
    threads are not those that handle requests, which late work would take from other callers.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(THREADS, "scoring")  # each is started when needed

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Raises ScorerTimeout."""
        future = self._threads.submit(work)
        try:
            return future.result(self._seconds)
        except TimeoutError as error:
            if future.done():
                raise
            future.cancel()
            raise ScorerTimeout(self._seconds) from error
