"""How much of what the model goes by is known of a client, and what of it is unlike training."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from scoring_model.contract import Contract, Feature, Matrix, Vector
from scoring_model.derive import Derivation
from scoring_model.errors import MAX_NAMED, InvalidRows, Problem
from scoring_model.lost import Cell, cells

Caution = dict[str, Any]
"""What callers read as a warning."""

FAR = 0.25
"""A number is far outside if it lies beyond what training saw by more than this share of the width
of what it saw."""

PARTS = 1_000_000
"""A model's gain is shared out in whole parts, so that sums do not depend on their order."""

OUTSIDE = "far outside what training saw"
INFINITE = "infinite, counted as missing"
UNKNOWN = "a category that training did not see, counted as missing"


class Checks:
    """Coverage and warnings, for the columns of one model's contract."""

    def __init__(self, contract: Contract, derivation: Derivation, gains: Sequence[float]) -> None:
        """`gains` are LightGBM's gain importances of the columns of `derivation`."""
        self._features = contract.features
        self._weights = weights(derivation, gains)
        limits = [_limits(feature) for feature in contract.features]
        self._low, self._high = np.array(limits).reshape(-1, 2).T.copy()

    def coverage(self, encoded: Matrix) -> Vector:
        """The share of the model's gain whose columns are known, shape (clients,), 0 to 1.

        `encoded` holds the clients as the contract encodes them.
        """
        known: Vector = (encoded == encoded) @ self._weights
        return known / PARTS

    def require(self, least: float, coverage: Vector) -> None:
        """Raises InvalidRows naming the clients whose coverage is below `least`."""
        short = np.flatnonzero(coverage < least)[: MAX_NAMED + 1].tolist()
        if short:
            expected = f"columns that make up {least:.6g} of what the model goes by (its coverage)"
            raise InvalidRows([Problem(row, None, expected) for row in short])

    def warnings(self, encoded: Matrix, lost: Iterable[Cell]) -> list[list[Caution]]:
        """For each client, in the contract's order: numbers far outside what training saw, and what
        of its values was `lost`. Each has the `column`, the `warning`, and for a number the least
        and greatest value `seen`; never the value itself."""
        warnings: list[list[Caution]] = [[] for _ in range(len(encoded))]
        outside = cells((encoded < self._low) | (encoded > self._high))
        for row, place in sorted([*outside, *lost]):
            warnings[row].append(_caution(self._features[place], encoded[row, place]))
        return warnings


def weights(derivation: Derivation, gains: Sequence[float]) -> Vector:
    """What each input of `derivation` counts for, in whole PARTS, shape (inputs,).

    The gain of a column that is made of several inputs is shared out evenly among them. Where there
    is no gain at all, all inputs count alike. PARTS that rounding leaves over go to the inputs that
    it took most from.
    """
    places = {name: place for place, name in enumerate(derivation.inputs)}
    shares = np.zeros(len(places))
    for column, gain in zip(derivation.columns, gains, strict=True):
        behind = [places[name] for name in derivation.inputs_of(column)]
        shares[behind] += gain / max(len(behind), 1)
    if not shares.any():
        shares += 1.0
    exact = shares * (PARTS / shares.sum())
    whole: Vector = np.floor(exact)
    left_over = PARTS - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left_over]] += 1
    return whole


def _limits(feature: Feature) -> tuple[float, float]:
    """From where on a value is far outside; infinite where nothing is known of it."""
    seen = feature.seen
    if feature.kind != "number" or "min" not in seen or "max" not in seen:
        return -np.inf, np.inf
    width = seen["max"] - seen["min"]
    return seen["min"] - FAR * width, seen["max"] + FAR * width


def _caution(feature: Feature, encoded: float) -> Caution:
    if feature.kind == "category":
        return {"column": feature.name, "warning": UNKNOWN}
    seen = [feature.seen[name] for name in ("min", "max") if name in feature.seen]
    what = INFINITE if np.isnan(encoded) else OUTSIDE
    return {"column": feature.name, "warning": what, **({"seen": seen} if seen else {})}
