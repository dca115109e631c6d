"""What the gate measures, as functions of how often a resample drew each client."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Vector
from train.evaluation.fairness import is_small
from train.evaluation.groups import Grouping
from train.evaluation.intervals import Ranking, Weights
from train.fitting.folds import Outcomes
from train.gate.case import Scores

Statistic = Callable[[Weights], float]
TENTHS = 10
LEAST_IN_PART = 500
"""Clients that a part needs for its default rate to say something: 2 % is its standard error at
most, while fewer look badly calibrated by chance alone."""


def auc(defaulted: Outcomes, scores: Scores) -> Statistic:
    """The area under the ROC curve."""
    return Ranking.of(defaulted, scores.probability).auc


def cost(defaulted: Outcomes, scores: Scores, cost_ratio: float) -> Statistic:
    """The business cost a client."""
    bad, lent = defaulted == 1, scores.lent
    losses = cost_ratio * (bad & lent) + (~bad & ~lent)
    return lambda weights: float(np.sum(losses * weights) / weights.sum())


def calibration_error(defaulted: Outcomes, scores: Scores) -> Statistic:
    """The mean of |mean probability - default rate| over equal parts of the clients by rising
    probability: the expected calibration error (Naeini, Cooper and Hauskrecht, 2015)."""
    parts = min(TENTHS, max(1, len(defaulted) // LEAST_IN_PART))
    edges = np.quantile(scores.probability, np.linspace(0, 1, parts + 1)[1:-1])
    part = np.digitize(scores.probability, edges)
    surplus = scores.probability - defaulted

    def error(weights: Weights) -> float:
        by_part = np.bincount(part, weights * surplus, parts)
        return float(np.abs(by_part).sum() / weights.sum())

    return error


def group_calibration_error(
    defaulted: Outcomes, scores: Scores, grouping: Grouping
) -> Statistic | None:
    """The largest |mean probability - default rate| of a group, or None without two of a size."""
    group, count = _compared(defaulted, grouping)
    surplus = scores.probability - defaulted

    def error(weights: Weights) -> float:
        sums, clients = _sums(group, count, weights * surplus), _sums(group, count, weights)
        return float(np.max(np.abs(sums) / clients))

    return error if count > 1 else None


def acceptance_ratio(defaulted: Outcomes, scores: Scores, grouping: Grouping) -> Statistic | None:
    """The least share of Yes of a group over the largest, or None without two groups of a size.

    1 where no group gets a Yes: none is accepted less than another.
    """
    group, count = _compared(defaulted, grouping)
    lent = scores.lent

    def ratio(weights: Weights) -> float:
        rates = _sums(group, count, weights * lent) / _sums(group, count, weights)
        return float(rates.min() / rates.max()) if rates.max() > 0 else 1.0

    return ratio if count > 1 else None


def _compared(defaulted: Outcomes, grouping: Grouping) -> tuple[npt.NDArray[np.int64], int]:
    """Each client's group as a number, those of small groups last, and how many are not small."""
    names, group = np.unique(grouping.labels.astype(str), return_inverse=True)
    clients = np.bincount(group, minlength=len(names))
    bad = np.bincount(group, defaulted, len(names))
    small = is_small(clients, bad)
    rank = np.argsort(np.argsort(small, kind="stable"), kind="stable")
    return rank[group], int(np.count_nonzero(~small))


def _sums(group: npt.NDArray[np.int64], count: int, values: npt.NDArray[np.generic]) -> Vector:
    """Sums of `values` over the first `count` groups."""
    return np.bincount(group, values, count)[:count].astype(np.float64)
