"""What decisions cost the lender, and the threshold that costs least."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Vector
from scoring_model.decision import accepted
from train.evaluation.intervals import Weights, bootstrap
from train.fitting.folds import Outcomes, Persons, Rows, Split

Lent = npt.NDArray[np.bool_]
"""Which clients get the loan, shape (clients,)."""


@dataclass(frozen=True)
class CostCurve:
    """Business cost a client for every decision the scores allow.

    `thresholds` rise from lend to all to lend to none, `costs` belong to them; same shape.
    """

    thresholds: Vector
    costs: Vector
    cost_ratio: float

    @property
    def best(self) -> float:
        """The threshold of least cost."""
        return float(self.thresholds[int(np.argmin(self.costs))])

    @property
    def theoretical(self) -> float:
        """The threshold of least cost where probabilities are exact: 1 - 1 / (1 + cost ratio).

        There a loan costs as much as a refusal, ratio x PD = 1 - PD (Elkan 2001, "The foundations
        of cost-sensitive learning", eq. 2).
        """
        return 1 - 1 / (1 + self.cost_ratio)

    @property
    def lend_to_all(self) -> float:
        """Cost of no model: everyone gets the loan."""
        return float(self.costs[0])

    @property
    def lend_to_none(self) -> float:
        """Cost of no business: everyone is refused."""
        return float(self.costs[-1])


def cost_curve(defaulted: Outcomes, solvencies: Vector, cost_ratio: float) -> CostCurve:
    """Cost at 0, at 1, and half-way between each two neighbouring solvencies."""
    order, refused, thresholds = _cuts(solvencies)
    bad = defaulted[order] == 1
    refused_good = np.concatenate(([0], np.cumsum(~bad)))
    lent_bad = bad.sum() - np.concatenate(([0], np.cumsum(bad)))
    costs = (cost_ratio * lent_bad + refused_good) / len(bad)
    return CostCurve(thresholds, costs[refused], cost_ratio)


def threshold_interval(
    defaulted: Outcomes,
    solvencies: Vector,
    cost_ratio: float,
    seed: int,
    persons: Persons | None = None,
) -> tuple[float, float]:
    """Between which thresholds that of least cost lies in 95 % of bootstrap resamples.

    Tried in each resample are the thresholds of `cost_curve` on all clients.
    """
    order, refused, thresholds = _cuts(solvencies)
    # Refusing one more client costs 1 if they would have repaid and saves the ratio if not.
    steps = np.where(defaulted[order] == 1, -cost_ratio, 1.0)

    def best(weights: Weights) -> float:
        costs = np.concatenate(([0.0], np.cumsum(weights[order] * steps)))
        return float(thresholds[int(np.argmin(costs[refused]))])

    found = bootstrap({"threshold": best}, len(defaulted), persons, seed)["threshold"].interval
    return max(found.low, 0.0), min(found.high, 1.0)


def _cuts(solvencies: Vector) -> tuple[Rows, Rows, Vector]:
    """The clients by rising solvency; how many of these each threshold refuses; the thresholds.

    They lie half-way between two clients, so that none is a client's own score and a last bit
    decides nothing.
    """
    order = np.argsort(solvencies, kind="stable")
    ranked = solvencies[order]
    refused = np.flatnonzero(np.concatenate(([True], ranked[1:] > ranked[:-1], [True])))
    cuts = np.concatenate(([0.0], (ranked[1:] + ranked[:-1]) / 2, [1.0]))
    return order, refused, cuts[refused]


def lent_unseen(
    defaulted: Outcomes, solvencies: Vector, splits: Iterable[Split], cost_ratio: float
) -> Lent:
    """Cross-fitted decisions: each part is decided at the cheapest threshold of the other parts.

    All arrays are of shape (clients,). So a decision is never judged by an outcome that it was
    made with.
    """
    lent = np.zeros(len(defaulted), dtype=bool)
    for others, part in splits:
        threshold = cost_curve(defaulted[others], solvencies[others], cost_ratio).best
        lent[part] = accepted(solvencies[part], threshold)
    return lent


def business_costs(defaulted: Outcomes, lent: Lent, cost_ratio: float) -> Vector:
    """What each client's decision costs: the mean of it is the business cost a client."""
    bad = defaulted == 1
    costs: Vector = cost_ratio * (bad & lent) + (~bad & ~lent)
    return costs
