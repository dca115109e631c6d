"""How much is known of a client, and which of the values are unlikely or impossible."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import numpy as np

from scoring_model.contract import Contract, Feature, Matrix, Vector
from scoring_model.derive import Derivation
from scoring_model.encoding import Clients, cells
from scoring_model.errors import MAX_NAMED, InvalidRows, Problem

Warnings = list[dict[str, Any]]
"""The warnings of one client, as callers read them."""

FAR = 0.25
"""A number is far outside if it lies beyond what training saw by more than this fraction of the
range of what it saw."""

TOTAL_WEIGHT = 1_000_000
"""Weights of columns are whole numbers with this sum, so that coverage does not depend on the order
of summation."""

LITTLE = 0.2
"""Coverage below which a client gets a warning."""

SIMILAR = 0.85
"""Ratio of `difflib` from which a name counts as misspelled."""
MAX_UNKNOWN_NAMES = 50
"""Unknown names that one call looks up: each takes up to a millisecond."""

OUTSIDE = "far outside what training saw"
LITTLE_KNOWN = "little is known of this client"


class Checks:
    """Coverage and warnings, for the columns of one model's contract."""

    def __init__(self, contract: Contract, derivation: Derivation, gains: Sequence[float]) -> None:
        """`gains` are LightGBM's gain importances of the columns of `derivation`."""
        self._features = contract.features
        self._columns = contract.columns
        self._expected_names = frozenset((contract.id, *contract.columns, *contract.unused))
        self._closest = lru_cache(maxsize=1024)(self._find_closest)
        self._weights = weights(derivation, gains)
        limits = [_limits(feature) for feature in contract.features]
        self._low, self._high = np.array(limits).reshape(-1, 2).T.copy()

    def coverage(self, encoded: Matrix) -> Vector:
        """The fraction of the model's gain whose columns are known, shape (clients,), 0 to 1.

        `encoded` holds the clients as the contract encodes them.
        """
        known: Vector = (encoded == encoded) @ self._weights
        return known / TOTAL_WEIGHT

    def require(self, least: float, coverage: Vector) -> None:
        """Raises InvalidRows naming the clients whose coverage is below `least`."""
        rows = np.flatnonzero(coverage < least)[: MAX_NAMED + 1].tolist()
        if rows:
            expected = f"columns that make up {least:.6g} of what the model goes by (its coverage)"
            raise InvalidRows([Problem(row, None, expected) for row in rows])

    def warnings(self, clients: Clients, coverage: Vector) -> list[Warnings]:
        """For each client `column` and `warning`, in the contract's order; never a value.

        They name numbers that are impossible or far outside what training saw (with the least and
        greatest value `seen`) and values that count as missing. Then follow names that are nearly
        columns and, without a `column`, that little is known.
        """
        encoded = clients.matrix
        warnings: list[Warnings] = [[] for _ in range(len(encoded))]
        unlikely = cells((encoded < self._low) | (encoded > self._high))
        for row, position in sorted([*unlikely, *clients.discarded()]):
            warnings[row].append(_warning(self._features[position], encoded[row, position]))
        looked_up: dict[str, str | None] = {}
        last, misspelled = None, list[dict[str, Any]]()
        for row, (names, known) in enumerate(zip(clients.names(), coverage.tolist(), strict=True)):
            if names is not last:  # the clients of a table share their names
                last, misspelled = names, self._misspelled(names, looked_up)
            warnings[row] += misspelled
            if known < LITTLE:
                warnings[row].append({"warning": LITTLE_KNOWN})
        return warnings

    def _misspelled(self, names: Collection[str], looked_up: dict[str, str | None]) -> Warnings:
        """`looked_up` has the closest column, if any, of unknown names, for a whole call."""
        warnings: Warnings = []
        if self._expected_names.issuperset(names):
            return warnings
        for name in names:
            if name not in self._expected_names:
                if name not in looked_up and len(looked_up) < MAX_UNKNOWN_NAMES:
                    looked_up[name] = self._closest(str(name))
                column = looked_up.get(name)
                if column and column not in names:
                    text = f"not a column of the model: {column} may be meant"
                    warnings.append({"column": name, "warning": text})
        return warnings

    def _find_closest(self, name: str) -> str | None:
        return next(iter(get_close_matches(name, self._columns, 1, SIMILAR)), None)


def weights(derivation: Derivation, gains: Sequence[float]) -> Vector:
    """The weight of each input of `derivation`, whole numbers of sum TOTAL_WEIGHT, shape (inputs,).

    The gain of a column that is computed from several inputs is divided evenly among them. Where
    there is no gain at all, all inputs weigh the same. Rounded by the largest remainder method.
    """
    positions = {name: position for position, name in enumerate(derivation.inputs)}
    gain_of = np.zeros(len(positions))
    for column, gain in zip(derivation.columns, gains, strict=True):
        inputs = [positions[name] for name in derivation.inputs_of(column)]
        gain_of[inputs] += gain / max(len(inputs), 1)
    if not gain_of.any():
        gain_of += 1.0
    exact = gain_of * (TOTAL_WEIGHT / gain_of.sum())
    whole: Vector = np.floor(exact)
    remainder = TOTAL_WEIGHT - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:remainder]] += 1
    return whole


def _limits(feature: Feature) -> tuple[float, float]:
    """The least and greatest value without a warning; infinite where nothing is known of them."""
    low, high = -np.inf, np.inf
    if feature.kind == "number" and "min" in feature.seen and "max" in feature.seen:
        margin = FAR * (feature.seen["max"] - feature.seen["min"])
        low, high = feature.seen["min"] - margin, feature.seen["max"] + margin
    if feature.min is not None:
        low = max(low, feature.min)
    return max(low, np.nextafter(0.0, 1.0)) if feature.positive else low, high


def _warning(feature: Feature, encoded: float) -> dict[str, Any]:
    warning: dict[str, Any] = {"column": feature.name}
    if feature.kind == "category":
        return warning | {"warning": "a category that training did not see, counted as missing"}
    if feature.positive and encoded == 0:
        return warning | {"warning": "cannot be zero"}
    if encoded < 0 and (feature.positive or feature.min == 0):
        return warning | {"warning": "cannot be negative"}
    seen = [feature.seen[name] for name in ("min", "max") if name in feature.seen]
    warning["warning"] = "infinite, counted as missing" if np.isnan(encoded) else OUTSIDE
    return warning | ({"seen": seen} if seen else {})
