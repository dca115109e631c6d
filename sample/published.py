"""The published figures of aggregates per client, read from aggregates.json."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FIGURES = ("count", "mean", "std", "min", "q25", "median", "q75", "max")
CENTRES = ("mean", "q25", "median", "q75")
NEAR = 0.25
"""Published standard deviations within which mean and quartiles count as near."""


@dataclass(frozen=True)
class Figures:
    """What describe() says of one aggregate over all clients; NaN where it says nothing.

    `count` is the number of clients with a value. Mean and standard deviation found are those of
    the finite values.
    """

    count: float
    mean: float
    std: float
    min: float
    q25: float
    median: float
    q75: float
    max: float

    @property
    def unit(self) -> float:
        """What distances are measured in: the standard deviation, or else the quartiles' range."""
        return next((u for u in (self.std, self.q75 - self.q25) if u > 0), 1.0)

    def distance(self, found: "Figures", figure: str) -> float:
        """How far a mean or quartile found is from this published one, in `unit`.

        0 where nothing was published, infinite where nothing was found.
        """
        there, here = getattr(self, figure), getattr(found, figure)
        if math.isnan(there):
            return 0.0
        return math.inf if math.isnan(here) else float(abs(here - there)) / self.unit

    def shift(self, found: "Figures") -> float:
        """The largest distance of mean and quartiles."""
        return max(self.distance(found, figure) for figure in CENTRES)


@dataclass(frozen=True)
class Published:
    """The number of clients that were described, and the figures by the aggregate's name."""

    clients: int
    aggregates: Mapping[str, Figures]


@cache
def published() -> Published:
    """All published aggregates; a figure that was not published is NaN."""
    raw = json.loads(files(__package__).joinpath("aggregates.json").read_text(encoding="utf-8"))
    aggregates = {
        name: Figures(*(math.nan if value is None else value for value in values))
        for name, values in raw["aggregates"].items()
    }
    return Published(raw["clients"], aggregates)
