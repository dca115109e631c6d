"""Aggregates per client held against the published ones."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sample.aggregates import definitions
from sample.compare import Gap
from sample.describe import Say, describe
from sample.facts import Facts
from sample.published import CENTRES, NEAR, Figures, published
from sample.tables import Tables

TABLE = "per client"


@dataclass(frozen=True)
class Aggregates:
    """How the aggregates compare: their gaps, how many are near, and those nobody can compute."""

    gaps: tuple[Gap, ...]
    published: int
    near: int
    unknown: tuple[str, ...]

    def summary(self) -> str:
        """One sentence, and another for the names that are not covered."""
        told = (
            f"Of {self.published} published aggregates per client, mean and quartiles of "
            f"{self.near} lie within a quarter of a published standard deviation."
        )
        if self.unknown:
            told += f" Not covered: {len(self.unknown)} ({', '.join(self.unknown)})."
        return told


def aggregates(tables: Tables, facts: Facts, say: Say) -> Aggregates:
    """Every published aggregate computed from the tables, and its gaps."""
    there = published()
    defined = definitions(there.aggregates, facts)
    here = describe(tables, defined, facts, say)
    shares = (here.clients, there.clients)
    found = here.aggregates
    return Aggregates(
        gaps=tuple(g for n, f in found.items() for g in _gaps(n, there.aggregates[n], f, shares)),
        published=len(there.aggregates),
        near=sum(there.aggregates[name].shift(figures) <= NEAR for name, figures in found.items()),
        unknown=defined.unknown,
    )


def _gaps(name: str, there: Figures, here: Figures, clients: tuple[int, int]) -> Iterator[Gap]:
    """The gaps of one aggregate, where a figure was published."""
    known = here.count / max(clients[0], 1), there.count / clients[1]
    yield Gap(TABLE, name, "known", known[1], known[0], abs(known[0] - known[1]) * 4)
    for figure in CENTRES:
        yield _gap(name, figure, there, here, there.distance(here, figure))
    yield _gap(name, "std", there, here, _apart(there.std, here.std))
    yield _gap(name, "min", there, here, _beyond(there, there.min - here.min))
    yield _gap(name, "max", there, here, _beyond(there, here.max - there.max))


def _gap(name: str, figure: str, there: Figures, here: Figures, size: float) -> Gap:
    return Gap(TABLE, name, figure, getattr(there, figure), getattr(here, figure), size)


def _apart(there: float, here: float) -> float:
    """0 where standard deviations agree, `NEAR` where one is nothing beside the other.

    No more, for a small sample lacks the rare events that a deviation is made of.
    """
    if math.isnan(there) or there == here:
        return 0.0
    return NEAR * (1 - (0.0 if math.isnan(here) else min(there, here) / max(there, here)))


def _beyond(there: Figures, excess: float) -> float:
    """0 within the published range, `NEAR` far beyond: no more, for it may be a single client."""
    width = there.max - there.min
    return NEAR * excess / (width + excess) if excess > 0 and 0 <= width < math.inf else 0.0
