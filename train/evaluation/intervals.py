"""How far chance alone may have moved a metric: bootstrap intervals."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from scoring_model.contract import Vector
from train.fitting.folds import Outcomes, Persons

RESAMPLES = 1000
COVERAGE = 0.95

Weights = npt.NDArray[np.float64]
"""How often a resample drew each client, shape (clients,)."""

Statistic = Callable[[Weights], float]
"""A metric of the clients, each counted as often as it was drawn; NaN where it does not exist."""


class Interval(NamedTuple):
    """A measured value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.4f} (95 % {self.low:+.4f} to {self.high:+.4f})"


@dataclass(frozen=True)
class Estimate:
    """A statistic of all clients, and of each resample, shape (resamples,)."""

    value: float
    drawn: Vector

    def __sub__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.value - other.value, self.drawn - other.drawn)

    def __truediv__(self, by: float) -> "Estimate":
        return Estimate(self.value / by, self.drawn / by)

    @property
    def interval(self) -> Interval:
        """The percentiles of the resamples in which the statistic exists, less their bias: the
        worst of several groups looks worse in a resample than it is."""
        drawn = self.drawn[np.isfinite(self.drawn)]
        if not len(drawn):
            return Interval(self.value, self.value, self.value)
        tail = (1 - COVERAGE) / 2
        low, high = np.quantile(drawn - np.mean(drawn) + self.value, (tail, 1 - tail))
        return Interval(self.value, float(low), float(high))


def resamples(clients: int, persons: Persons | None, count: int, seed: int) -> Iterator[Weights]:
    """Draws clients, or persons with all of their rows, with replacement (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993). The number of defaults is left to chance, as it was when
    the clients came: to fix it makes the intervals of all that depends on it too narrow."""
    random = np.random.default_rng(seed)
    person = np.arange(clients)
    if persons is not None:
        _, person = np.unique(persons, return_inverse=True)
    units = int(person.max()) + 1
    for _ in range(count):
        drawn = np.bincount(random.integers(0, units, units), minlength=units)
        yield drawn[person].astype(np.float64)


def bootstrap(
    statistics: Mapping[str, Statistic],
    clients: int,
    persons: Persons | None,
    seed: int,
    count: int = RESAMPLES,
) -> dict[str, Estimate]:
    """Each statistic with its resamples. Every resample judges all of them, so that differences of
    estimates are paired."""
    with threadpool_limits(1):  # a product as small as this only waits for more threads
        drawn = np.array(
            [
                [statistic(weights) for statistic in statistics.values()]
                for weights in resamples(clients, persons, count, seed)
            ]
        ).reshape(count, len(statistics))
    once = np.ones(clients)
    return {
        name: Estimate(statistic(once), drawn[:, column])
        for column, (name, statistic) in enumerate(statistics.items())
    }


def mean_of(values: Vector) -> Statistic:
    """The mean of `values`, shape (clients,)."""
    return lambda weights: float(np.dot(values, weights) / weights.sum())


def auc_of(defaulted: Outcomes, probability: Vector) -> Statistic:
    """The area under the ROC curve: the fraction of pairs of a defaulting and a repaying client in
    which the first has the higher probability, where a tie counts half (Mann and Whitney, 1947).

    Clients are sorted once for any number of resamples.
    """
    order = np.argsort(probability, kind="stable")
    is_bad = defaulted[order] == 1
    good, bad = order[~is_bad], order[is_bad]
    below, up_to = (
        np.searchsorted(probability[good], probability[bad], side) for side in ("left", "right")
    )

    def auc(weights: Weights) -> float:
        ranked = np.concatenate(([0.0], np.cumsum(weights[good])))
        of_bad = weights[bad]
        pairs = float(of_bad.sum() * ranked[-1])
        won = float(np.dot(of_bad, ranked[below] + ranked[up_to])) / 2
        return won / pairs if pairs else float("nan")

    return auc
