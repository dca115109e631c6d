"""Counts of requests and answers, in memory that all worker processes share.

Each worker adds to a slot of its own, and one that takes a dead worker's place takes over its
slot: nothing that was counted is lost, and no gauge of a dead worker stays. A request costs a few
microseconds; prometheus_client takes 80 ms to import and ten times as long to count.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from threading import Lock

from app.errors import STATUS
from app.scorer import Score
from app.shared_cells import SharedCells

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
SHARES = tuple(round(0.05 * step, 2) for step in range(1, 21))
"""Upper bounds, of latencies and of what lies between 0 and 1."""

STATUSES = tuple(sorted({200, 304, 404, 405, 500, *STATUS.values()}))
OTHER = "other"
"""The route of a path that is none, and the status that is not listed."""

DECISIONS = ("Yes", "No")
SPARE = 2
"""Slots for workers that start while others of the same number are still stopping."""

Places = dict[tuple[str, str], int]


class Figures:
    """Make it before the fork; each worker then calls `claim` once.

    A histogram takes a cell for the sum, one for each bound, and one for what lies above all.
    """

    def __init__(self, routes: Iterable[str], workers: int) -> None:
        statuses = [str(int(status)) for status in STATUSES]
        labels = [(r, s) for r in [*routes, OTHER] for s in [*statuses, OTHER]]
        latency, share = len(SECONDS) + 2, len(SHARES) + 2
        self.in_flight, self.rows, self.decisions = 1, 2, 3
        self.solvency = self.decisions + len(DECISIONS)
        self.coverage = self.solvency + share
        first = self.coverage + share
        self.requests: Places = {label: first + latency * i for i, label in enumerate(labels)}
        self._size = first + latency * len(labels)
        self._slots = workers * SPARE
        self._cells = SharedCells(self._slots * self._size)
        self._lock = Lock()
        self._use(0)

    def claim(self) -> None:
        """Takes the first slot that no living worker has: its first cell is its lock."""
        free = (slot for slot in range(self._slots) if self._cells.claim(slot * self._size))
        self._use(next(free, 0))
        self._mine[self.in_flight] = 0

    def _use(self, slot: int) -> None:
        self._mine = self._cells.values[slot * self._size : (slot + 1) * self._size]

    def begin(self) -> None:
        """A request that will be answered."""
        with self._lock:
            self._mine[self.in_flight] += 1

    def observe_request(self, route: str | None, status: int, seconds: float, rows: int) -> None:
        """The answer to a request that has begun."""
        place = self.requests.get((route or OTHER, str(status)))
        if place is None:
            place = self._place_of_other(route, status)
        with self._lock:
            self._add(place, SECONDS, seconds)
            self._mine[self.rows] += rows
            self._mine[self.in_flight] -= 1

    def observe_answer(self, scores: Sequence[Score]) -> None:
        """What the clients of one request were told."""
        mine = self._mine
        with self._lock:
            for score in scores:
                mine[self.decisions + (score.decision != "Yes")] += 1
                self._add(self.solvency, SHARES, score.solvency)
                if score.coverage is not None:
                    self._add(self.coverage, SHARES, score.coverage)

    def total(self, place: int) -> float:
        """Of one cell, over all workers."""
        cells = range(place, place + self._size * self._slots, self._size)
        return sum(self._cells.values[cell] for cell in cells)

    def _add(self, place: int, bounds: Sequence[float], value: float) -> None:
        self._mine[place] += value
        self._mine[place + 1 + bisect_left(bounds, value)] += 1

    def _place_of_other(self, route: str | None, status: int) -> int:
        known = route if (route, OTHER) in self.requests else OTHER
        return self.requests[str(known), str(status) if status in STATUSES else OTHER]
