"""The threshold that costs the lender least."""

from dataclasses import dataclass

import numpy as np

from scoring_model.contract import Vector
from train.evaluation.intervals import Weights, bootstrap
from train.fitting.folds import Outcomes, Persons


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
    """Cost at 0, at 1, and half-way between each two neighbouring solvencies.

    Half-way, so that the threshold is no client's own score and a last bit decides nothing.
    """
    order = np.argsort(solvencies, kind="stable")
    ranked, bad = solvencies[order], defaulted[order] == 1
    refused_good = np.concatenate(([0], np.cumsum(~bad)))
    lent_bad = bad.sum() - np.concatenate(([0], np.cumsum(bad)))
    costs = (cost_ratio * lent_bad + refused_good) / len(ranked)
    cuts = np.concatenate(([0.0], (ranked[1:] + ranked[:-1]) / 2, [1.0]))
    possible = np.concatenate(([True], ranked[1:] > ranked[:-1], [True]))
    return CostCurve(cuts[possible], costs[possible], cost_ratio)


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
    order = np.argsort(solvencies, kind="stable")
    ranked = solvencies[order]
    # Refusing one more client costs 1 if they would have repaid and saves the ratio if not.
    steps = np.where(defaulted[order] == 1, -cost_ratio, 1.0)
    refused = np.flatnonzero(np.concatenate(([True], ranked[1:] > ranked[:-1], [True])))
    thresholds = cost_curve(defaulted, solvencies, cost_ratio).thresholds

    def best(weights: Weights) -> float:
        costs = np.concatenate(([0.0], np.cumsum(weights[order] * steps)))
        return float(thresholds[int(np.argmin(costs[refused]))])

    found = bootstrap({"threshold": best}, len(defaulted), persons, seed)["threshold"].interval
    return max(found.low, 0.0), min(found.high, 1.0)
