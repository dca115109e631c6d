"""What would have led to a Yes: the smallest changes of one or two inputs of a refused client.

A search on a grid (as in DiCE and in actionable recourse, Ustun and others 2019), every candidate
scored by the model itself. Deterministic.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from math import ceil, isfinite
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Contract, Feature, Matrix, Vector
from scoring_model.decision import accepted
from scoring_model.params import MOST_COUNTERFACTUALS

Counterfactual = dict[str, Any]
"""`changes`: a list of `column`, `from` and `to`; `solvency` after them; where columns are
proportional to a changed one, `computed`: how these change with it."""

POINTS = {1: 8, 2: 3}
"""Values of each column that one round tries, by how many columns are changed together."""

REFINEMENTS = 3
"""Rounds after the first, each between the best values found and the next smaller ones tried."""

PAIRED = 5
"""Single changes, those that raise the solvency most, that are tried two at a time."""


@dataclass(frozen=True)
class _Change:
    """A feature moved in one direction from a client's value, by multiples of its step.

    `first` is the nearest multiple, `count` how many are allowed; `scale` is the unit in which
    changes of different columns are compared.
    """

    position: int
    feature: Feature
    value: float
    step: Decimal
    first: int
    sign: int
    count: int
    scale: float

    @classmethod
    def of(cls, position: int, feature: Feature, value: float, sign: int) -> Self | None:
        """None where no other value is allowed: between the least and the greatest value that
        training saw, and no farther than the value, or the median of training, itself."""
        seen, change = feature.seen, feature.change
        if change is None or not isfinite(value) or "min" not in seen:
            return None
        step = Decimal(str(change.step))
        scale = max(abs(value), abs(seen["median"]), change.step)
        low, high = max(seen["min"], value - scale), min(seen["max"], value + scale)
        least, most = ceil(Decimal(str(low)) / step), Decimal(str(high)) // step
        if sign < 0:
            first = min(ceil(Decimal(str(value)) / step) - 1, int(most))
            count = first - least + 1
        else:
            first = max(int(Decimal(str(value)) // step) + 1, least)
            count = int(most) - first + 1
        return cls(position, feature, value, step, first, sign, count, scale) if count > 0 else None

    def to(self, index: int) -> float:
        """The `index`-th nearest value, from 1 to `count`."""
        return float((self.first + self.sign * (index - 1)) * self.step)

    def size(self, index: int) -> float:
        """How large the change to it is."""
        return abs(self.to(index) - self.value) / self.scale


class _Search:
    """The smallest joint change of one or two columns that leads to a Yes."""

    def __init__(self, changes: Sequence[_Change], counts: Sequence[int]) -> None:
        self.changes, self.columns = changes, {change.position for change in changes}
        points = POINTS[len(changes)]
        self._grids = [
            # Quadratic: small changes are what is looked for.
            sorted({ceil(count * (point / points) ** 2) for point in range(1, points + 1)})
            for count in counts
        ]
        self.indices: tuple[int, ...] = ()
        self.size, self.solvency, self.highest = np.inf, 0.0, 0.0

    def candidates(self) -> list[tuple[int, ...]]:
        return list(product(*self._grids))

    def take(self, solvencies: Vector, yes: npt.NDArray[np.bool_]) -> None:
        """Keeps the smallest candidate that got a Yes, and refines the grid below it."""
        self.highest = solvencies.max()
        candidates = self.candidates()
        found = [
            (sum(change.size(i) for change, i in zip(self.changes, tried, strict=True)), tried, at)
            for at, tried in enumerate(candidates)
            if yes[at]
        ]
        if not found:
            return
        self.size, self.indices, at = min(found)
        self.solvency = solvencies[at].item()
        points = POINTS[len(self.changes)]
        grids = []
        for grid, index in zip(self._grids, self.indices, strict=True):
            below = max((tried for tried in grid if tried < index), default=0)
            span = index - below
            grids.append(sorted({below + ceil(span * k / points) for k in range(1, points + 1)}))
        self._grids = grids


class Counterfactuals:
    """Finds counterfactuals for the clients of one model."""

    def __init__(self, contract: Contract, solvency: Callable[[Matrix], Vector]) -> None:
        """`solvency` scores clients as the contract encodes them: (clients, columns) to
        (clients,)."""
        self._solvency = solvency
        self._positions = {name: position for position, name in enumerate(contract.columns)}
        self._changeable = [
            (position, feature, sign)
            for position, feature in enumerate(contract.features)
            if feature.change
            for sign in feature.change.signs
        ]

    def of(self, client: Vector, threshold: float, count: int) -> list[Counterfactual]:
        """At most `count` counterfactuals of a client, the smallest change first; none where
        none is found. `client` is encoded, shape (columns,)."""
        changes = [
            change
            for position, feature, sign in self._changeable
            if (change := _Change.of(position, feature, client[position].item(), sign))
        ]
        singles = [_Search((change,), (change.count,)) for change in changes]
        self._look(client, singles, threshold)
        pairs = list(_pairs(sorted(singles, key=lambda single: -single.highest)[:PAIRED]))
        self._look(client, pairs, threshold)
        best = _smallest([*singles, *pairs])
        for _ in range(REFINEMENTS):
            self._look(client, best, threshold)
        return [self._counterfactual(client, search) for search in _smallest(best)[:count]]

    def _look(self, client: Vector, searches: Sequence[_Search], threshold: float) -> None:
        """One round of all `searches`, scored in one call."""
        tried = [(search, indices) for search in searches for indices in search.candidates()]
        if not tried:
            return
        clients = np.repeat(client[np.newaxis], len(tried), axis=0)
        for row, (search, indices) in zip(clients, tried, strict=True):
            for change, index in zip(search.changes, indices, strict=True):
                self._apply(row, change, change.to(index))
        solvencies = self._solvency(clients)
        yes, start = accepted(solvencies, threshold), 0
        for search in searches:
            rows = slice(start, start := start + len(search.candidates()))
            search.take(solvencies[rows], yes[rows])

    def _apply(self, row: Vector, change: _Change, value: float) -> None:
        row[change.position] = value
        for position in self._computed(change):
            row[position] *= value / change.value

    def _computed(self, change: _Change) -> list[int]:
        """The positions of the columns that change in proportion."""
        declared = change.feature.change
        names = declared.proportional if declared and change.value else ()
        return [self._positions[name] for name in names if name in self._positions]

    def _counterfactual(self, client: Vector, search: _Search) -> Counterfactual:
        names, after = list(self._positions), client.copy()
        for change, index in zip(search.changes, search.indices, strict=True):
            self._apply(after, change, change.to(index))

        def changed(positions: Sequence[int]) -> list[dict[str, Any]]:
            return [
                {"column": names[at], "from": client[at].item(), "to": after[at].item()}
                for at in positions
                if isfinite(after[at])
            ]

        computed = changed([at for change in search.changes for at in self._computed(change)])
        return {
            "changes": changed([change.position for change in search.changes]),
            "solvency": search.solvency,
            **({"computed": computed} if computed else {}),
        }


def _pairs(singles: Sequence[_Search]) -> Sequence[_Search]:
    """Two changes at a time, each smaller than what suffices alone."""
    pairs = []
    for two in combinations(singles, 2):
        searches = sorted(two, key=lambda single: single.changes[0].position)
        changes = [single.changes[0] for single in searches]
        counts = [_reach(single) for single in searches]
        if changes[0].position != changes[1].position and min(counts) > 0:
            pairs.append(_Search(changes, counts))
    return pairs


def _reach(single: _Search) -> int:
    return single.indices[0] - 1 if single.indices else single.changes[0].count


def _smallest(searches: Sequence[_Search]) -> list[_Search]:
    """Those with the smallest changes; none that changes more columns than a smaller one."""
    best: list[_Search] = []
    for search in sorted(searches, key=lambda search: search.size):
        if search.indices and not any(other.columns <= search.columns for other in best):
            best.append(search)
    return best[:MOST_COUNTERFACTUALS]
