"""From a probability of default to a Yes or a No, and what the two cost the lender."""

from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

YES, NO = "Yes", "No"
COST_RATIO = 10.0
"""Clients refused who would have repaid that weigh as much as one lent to who defaults."""


def solvency(probability_of_default: Vector) -> Vector:
    """1 - PD, between 0 and 1, higher is better; shape (clients,)."""
    return 1.0 - probability_of_default


def accepted(solvencies: Vector, threshold: float) -> npt.NDArray[np.bool_]:
    """Whether each client gets the loan: solvency at or above the threshold."""
    return solvencies >= threshold


def decisions(solvencies: Vector, threshold: float) -> list[str]:
    """ "Yes" or "No" for each client."""
    return [YES if yes else NO for yes in accepted(solvencies, threshold).tolist()]


def business_cost(
    defaulted: npt.NDArray[Any], lent: npt.NDArray[np.bool_], cost_ratio: float = COST_RATIO
) -> float:
    """(cost_ratio x clients lent to who default + clients refused who would have repaid) a client.

    `defaulted` holds 1 for a client who defaults and 0 for one who repays, `lent` the decisions;
    both of shape (clients,), at least one.
    """
    bad = np.asarray(defaulted) == 1
    missed = np.count_nonzero(bad & lent)
    refused = np.count_nonzero(~bad & ~lent)
    return float((cost_ratio * missed + refused) / len(bad))
