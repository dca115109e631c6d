"""From the model's own probability of default (PD) to a calibrated one, to solvency, to a decision.

Also what decisions cost the lender.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector

Method = Literal["none", "platt", "beta", "isotonic"]

LEAST, MOST = 1e-15, 1 - 1e-15
"""Probabilities are clipped to these: the logarithm of 0 is infinite."""

METHODS = {"none": (0, False), "platt": (3, False), "beta": (3, False), "isotonic": (0, True)}
"""For each method the number of coefficients, and whether it has knots."""

STEEPEST, FARTHEST = 10.0, 100.0
"""Bounds of the coefficients a and b, and of c, within which nothing overflows."""

YES, NO = "Yes", "No"
COST_RATIO = 10.0
"""How many refused clients who would have repaid cost as much as one default."""


@dataclass(frozen=True)
class Calibration:
    """A strictly increasing map of probabilities, up to the rounding of float64.

    - "none": p as it is.
    - "platt" (Platt 1999) and "beta" (Kull, Silva Filho and Flach 2017, "Beta calibration"):
      1 / (1 + exp(-(a ln p - b ln(1 - p) + c))) with `coefficients` (a, b, c), neither a nor b
      below 0 and one above; a = b is Platt scaling of the log odds.
    - "isotonic": straight lines from (0, 0) through `knots` (p, calibrated p) to (1, 1). Knots rise
      in both, so that unlike steps they make no ties.

    Raises ValueError for a map that does not rise.
    """

    method: Method = "none"
    coefficients: tuple[float, ...] = ()
    knots: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        numbers = len(self.coefficients), bool(self.knots)
        if numbers != METHODS.get(self.method) or not self._rises():
            raise ValueError(f"not a strictly increasing {self.method} calibration")

    def _rises(self) -> bool:
        if self.coefficients:
            a, b, c = self.coefficients
            return min(a, b) >= 0 < max(a, b) <= STEEPEST and abs(c) <= FARTHEST
        return all(x < u and y < v for (x, y), (u, v) in pairwise(self._line))

    @cached_property
    def _line(self) -> Matrix:
        """The knots with both ends, shape (knots + 2, 2)."""
        return np.array([(0.0, 0.0), *self.knots, (1.0, 1.0)])

    def apply(self, probability: Vector) -> Vector:
        """Calibrated probabilities, of shape (clients,); each depends on its client's alone."""
        if self.method == "none":
            return probability
        if self.method == "isotonic":
            return np.interp(probability, self._line[:, 0], self._line[:, 1])
        a, b, c = self.coefficients
        good, bad = evidence(probability)
        odds_against: Vector = np.exp(-(a * bad + b * good + c))
        return 1.0 / (1.0 + odds_against)

    def to_json(self) -> str:
        """The calibration as JSON; `from_json` reads it back equal."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError if `text` is not a calibration that works."""
        raw = json.loads(text)
        knots = tuple((float(x), float(y)) for x, y in raw["knots"])
        return cls(raw["method"], tuple(map(float, raw["coefficients"])), knots)


def evidence(probability: Vector) -> tuple[Vector, Vector]:
    """-ln(1 - p) and ln p, each of shape (clients,): both rise with p."""
    within = np.minimum(np.maximum(probability, LEAST), MOST)
    return -np.log1p(-within), np.log(within)


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
    """The mean cost of a client, where a refused client who would have repaid costs 1.

    (cost_ratio x clients lent to who default + clients refused who would have repaid) / clients.

    `defaulted` holds 1 for a client who defaults and 0 for one who repays, `lent` the decisions;
    both of shape (clients,), at least one.
    """
    bad = np.asarray(defaulted) == 1
    lent_in_error = np.count_nonzero(bad & lent)
    refused_in_error = np.count_nonzero(~bad & ~lent)
    return float((cost_ratio * lent_in_error + refused_in_error) / len(bad))
