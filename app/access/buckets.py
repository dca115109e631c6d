"""How often each key may ask: a bucket of tokens for each name, one for all worker processes."""

import math
import time
from collections.abc import Iterable
from threading import Lock

from app.shared_cells import SharedCells


class Buckets:
    """`rate` tokens a second flow into each bucket, which holds a second's worth, and at least 1.

    Make it before the fork: the buckets lie in memory that all workers share. Other machines
    that serve the same keys have buckets of their own.
    """

    def __init__(self, names: Iterable[str], rate: float) -> None:
        self._rate, self._size = rate, max(1.0, rate)
        self._places = {name: 2 * place for place, name in enumerate(sorted(set(names)))}
        self._cells = SharedCells(2 * len(self._places))
        self._lock = Lock()  # a process's threads do not lock each other out of a cell
        for place in self._places.values():
            self._cells.values[place] = self._size
            self._cells.values[place + 1] = time.monotonic()

    def take(self, name: str) -> int:
        """0 if there was a token; else the whole seconds after which there will be one."""
        place, values = self._places[name], self._cells.values
        with self._lock, self._cells.locked(place):
            now = time.monotonic()
            tokens = min(self._size, values[place] + (now - values[place + 1]) * self._rate)
            values[place + 1] = now
            values[place] = tokens - 1 if tokens >= 1 else tokens
        return 0 if tokens >= 1 else math.ceil((1 - tokens) / self._rate)
