"""The threshold that costs the lender least."""

from dataclasses import dataclass

import numpy as np

from scoring_model.contract import Vector
from train.fit import Outcomes


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
    def lend_to_all(self) -> float:
        """Cost of no model: everyone gets the loan."""
        return float(self.costs[0])


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
