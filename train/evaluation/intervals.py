"""How far chance alone may have moved a metric: bootstrap intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from scoring_model.contract import Vector
from train.fitting.folds import Outcomes

RESAMPLES = 1000
COVERAGE = 0.95

Weights = npt.NDArray[np.int64]
"""How often a resample drew each client, shape (clients,)."""


def resamples(defaulted: Outcomes, count: int, seed: int) -> Iterator[Weights]:
    """Draws clients with replacement, as many of each outcome as there are: a stratified
    bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993)."""
    random = np.random.default_rng(seed)
    outcomes = [np.flatnonzero(defaulted == outcome) for outcome in (0, 1)]
    for _ in range(count):
        weights = np.empty(len(defaulted), dtype=np.int64)
        for rows in outcomes:
            drawn = random.integers(0, len(rows), len(rows))
            weights[rows] = np.bincount(drawn, minlength=len(rows))
        yield weights


@dataclass(frozen=True)
class Ranking:
    """Clients by their probability of default, sorted once for any number of resamples.

    `good` and `bad` are the clients of each outcome in ascending order of it. Of the good ones
    `below` rank lower than each bad one, and `up_to` no higher: ties are in the second alone.
    """

    good: npt.NDArray[np.int64]
    bad: npt.NDArray[np.int64]
    below: npt.NDArray[np.int64]
    up_to: npt.NDArray[np.int64]

    @classmethod
    def of(cls, defaulted: Outcomes, probability: Vector) -> "Ranking":
        """`defaulted` and `probability` are of shape (clients,)."""
        order = np.argsort(probability, kind="stable")
        is_bad = defaulted[order] == 1
        good, bad = order[~is_bad], order[is_bad]
        below, up_to = (
            np.searchsorted(probability[good], probability[bad], side) for side in ("left", "right")
        )
        return cls(good, bad, below, up_to)

    def auc(self, weights: Weights) -> float:
        """The share of pairs of a bad and a good client in which the bad one ranks higher, where
        a tie counts half (Mann and Whitney, 1947)."""
        good = np.concatenate(([0], np.cumsum(weights[self.good])))
        bad = weights[self.bad]
        won = np.dot(bad, good[self.below] + good[self.up_to]) / 2
        return float(won / (float(bad.sum()) * float(good[-1])))


def intervals(
    defaulted: Outcomes,
    probability: Vector,
    losses: Mapping[str, Vector],
    seed: int = 0,
    count: int = RESAMPLES,
) -> dict[str, float]:
    """`<metric>_low` and `<metric>_high`: 95 % of the resamples lie between (percentiles).

    The metrics are `auc` and each of `losses`, whose mean over the clients is the metric; each is
    of shape (clients,). Every resample judges all metrics.
    """
    ranking = Ranking.of(defaulted, probability)
    names, stacked = ["auc", *losses], np.array([*losses.values()]).reshape(-1, len(defaulted))
    with threadpool_limits(1):  # a product as small as this only waits for more threads
        found = np.array(
            [
                [ranking.auc(weights), *(stacked @ weights / len(defaulted))]
                for weights in resamples(defaulted, count, seed)
            ]
        )
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(found, [tail, 1 - tail], axis=0).tolist()
    return {
        name + end: value
        for name, *ends in zip(names, low, high, strict=True)
        for end, value in zip(("_low", "_high"), ends, strict=True)
    }
