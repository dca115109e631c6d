"""What the gate measures besides the headline metrics, as functions of resampled clients."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Vector
from train.evaluation.fairness import Grouping, is_small
from train.evaluation.intervals import Statistic, Weights, mean_of
from train.evaluation.threshold import business_costs
from train.fitting.folds import Outcomes
from train.gate.case import Scores

TENTHS = 10
LEAST_IN_PART = 500
"""Clients that a part needs for its default rate to say something: 2 % is its standard error at
most, while fewer look badly calibrated by chance alone."""


def cost_against_no_model(defaulted: Outcomes, scores: Scores, cost_ratio: float) -> Statistic:
    """The business cost a client less that of the cheaper of lending to all and to none."""
    model = mean_of(business_costs(defaulted, scores.lent, cost_ratio))
    bad = mean_of(defaulted.astype(np.float64))
    return lambda weights: model(weights) - min(cost_ratio * bad(weights), 1 - bad(weights))


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


@dataclass(frozen=True)
class Groups:
    """The groups of an attribute that are large enough to compare: `of` has the number of each
    client's group, shape (clients,), from `count` on for groups that are not compared."""

    of: npt.NDArray[np.int64]
    count: int

    @classmethod
    def large(cls, defaulted: Outcomes, scores: Scores, grouping: Grouping) -> "Groups":
        """Those that `is_small` does not hold for."""
        names, group = np.unique(grouping.labels.astype(str), return_inverse=True)
        clients, bad, lent = (
            np.bincount(group, values, len(names)).astype(np.float64)
            for values in (np.ones(len(group)), defaulted, scores.lent)
        )
        small = is_small(clients, bad, lent)
        rank = np.argsort(np.argsort(small, kind="stable"), kind="stable")
        return cls(rank[group], int(np.count_nonzero(~small)))

    def rates(self, values: npt.NDArray[Any], weights: Weights) -> Vector:
        """The mean of `values` in each group, shape (count,)."""
        sums = np.bincount(self.of, values * weights, self.count)[: self.count]
        return sums / np.bincount(self.of, weights, self.count)[: self.count]


def group_calibration_error(defaulted: Outcomes, scores: Scores, groups: Groups) -> Statistic:
    """The largest |mean probability - default rate| of a group."""
    surplus = scores.probability - defaulted
    return lambda weights: float(np.max(np.abs(groups.rates(surplus, weights))))


def acceptance_ratio(scores: Scores, groups: Groups) -> Statistic:
    """The least acceptance of a group over the largest; 1 where no group gets a Yes: none is
    accepted less than another."""
    lent = scores.lent

    def ratio(weights: Weights) -> float:
        rates = groups.rates(lent, weights)
        return float(rates.min() / rates.max()) if rates.max() > 0 else 1.0

    return ratio
