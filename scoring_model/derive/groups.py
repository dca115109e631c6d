"""What is usual among clients who are alike: tables fitted at training, looked up at scoring."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from scoring_model.contract import Matrix, Vector
from scoring_model.derive.operations import Stack

MIN_CLIENTS = 10
"""A statistic of fewer clients than this is missing: it says more of them than of their group."""

Column = tuple[float | None, ...]
"""A value for each group, None where it is missing."""


@dataclass(frozen=True)
class GroupTable:
    """Statistics by group: `columns` names them, `values` has a column of each.

    `key` is the formula of a client's group, `keys` are the groups in ascending order.
    """

    key: str
    columns: tuple[str, ...]
    keys: tuple[float, ...]
    values: tuple[Column, ...]

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError if `raw` is no such table."""
        values = tuple(map(tuple, raw["values"]))
        table = cls(raw["key"], tuple(raw["columns"]), tuple(raw["keys"]), values)
        if table._table.shape != (len(table.columns), len(table.keys) + 1):
            raise ValueError("a table of groups lacks values")
        return table

    def restricted_to(self, columns: frozenset[str]) -> Self:
        """The same groups with fewer columns."""
        kept = [position for position, name in enumerate(self.columns) if name in columns]
        return type(self)(
            self.key,
            tuple(self.columns[position] for position in kept),
            self.keys,
            tuple(self.values[position] for position in kept),
        )

    def lookup(self, keys: Vector, out: Stack) -> None:
        """Fills `out`, of shape (columns, clients), for the groups of clients, shape (clients,).

        Missing for a missing key and a group that is not in the table.
        """
        position = self._sorted.searchsorted(keys)
        position[self._bounded.take(position) != keys] = len(self.keys)
        self._table.take(position, axis=1, out=out, mode="clip")

    @cached_property
    def _sorted(self) -> Vector:
        return np.array(self.keys, dtype=np.float64)

    @cached_property
    def _bounded(self) -> Vector:
        """The keys and, where the search ends for a key beyond them, one that equals none."""
        return np.append(self._sorted, np.nan)

    @cached_property
    def _table(self) -> Matrix:
        """The values, with a last column for clients without a group."""
        return np.array([(*column, None) for column in self.values], dtype=np.float64)


def fit(name: str, key: str, keys: Vector, values: Mapping[str, Vector]) -> GroupTable:
    """Mean, median and standard deviation (n - 1) of each of `values`, by group.

    `keys` and each of `values` are of shape (clients,); the columns are named after the value, the
    statistic and the grouping's `name`. Groups in which nothing is known of enough clients are
    left out.
    """
    known = np.flatnonzero(np.isfinite(keys))
    known = known[np.argsort(keys[known], kind="stable")]
    groups, starts = np.unique(keys[known], return_index=True)
    clients = [rows for rows in np.split(known, starts[1:]) if len(rows)]
    enough = [place for place, rows in enumerate(clients) if len(rows) >= MIN_CLIENTS]
    statistics = [[_statistics(of[clients[place]]) for place in enough] for of in values.values()]
    return GroupTable(
        key,
        tuple(statistic_name(value, kind, name) for value in values for kind in KINDS),
        tuple(groups[enough].tolist()),
        tuple(
            tuple(statistic[kind] for statistic in of)
            for of in statistics
            for kind in range(len(KINDS))
        ),
    )


KINDS = ("MEAN", "MEDIAN", "STD")


def statistic_name(value: str, kind: str, grouping: str) -> str:
    """As in AMT_CREDIT_MEAN_BY_TERM."""
    return f"{value}_{kind}_BY_{grouping}"


def _statistics(values: Vector) -> Column:
    known = values[np.isfinite(values)]
    if len(known) < MIN_CLIENTS:
        return (None,) * len(KINDS)
    return float(np.mean(known)), float(np.median(known)), float(np.std(known, ddof=1))
