"""Exact TreeSHAP of a LightGBM model by table look-ups: `pred_contrib` in a fraction of its time.

Each tree is cut into subtrees. What a subtree contributes to each column depends only on which way
a client's values go at its splits and at those above it. The constructor works out all cases:

- The thresholds of a column divide its values into bins; one more bin holds NaN.
- For each subtree and column, the bins that rule out the same leaves form one state.
- For each subtree, a table has a row for each combination of its columns' states.

Explaining a client takes one binary search per column, which gives its states in all subtrees, one
look-up per subtree, and one sum.
"""

import gc
import logging
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from scoring_model.subtrees import Condition, Leaf, Subtree, UnsupportedModel, read_subtrees

MEMORY = 60_000_000
"""Most bytes of all tables."""

CHUNK = 1 << 13
"""Rows worked out at a time, so that construction takes little memory."""

Integers = npt.NDArray[np.integer[Any]]


class Group(NamedTuple):
    """The subtrees with so many `columns`; their tables start at the rows `starts` of `values`."""

    columns: int
    slots: slice
    starts: Integers
    values: Matrix


class TreeShap:
    """Path-dependent TreeSHAP (Lundberg and others 2020) of the raw scores of a Booster.

    Raises UnsupportedModel if the model has several trees per iteration or no split, if its tables
    would take more than `MEMORY` bytes, or if the results are not those of `pred_contrib`.
    """

    def __init__(self, booster: Any) -> None:
        edges, subtrees = read_subtrees(booster)
        self._width = booster.num_feature()
        self._expected = math.fsum(
            value * math.prod(fractions.values())
            for subtree in subtrees
            for value, fractions in subtree.leaves
        )
        self._columns = sorted(edges)
        # Complex numbers are searched by their real part, the column, then the imaginary part.
        self._edges = np.concatenate(
            [_complex(number, [*edges[c], math.inf]) for number, c in enumerate(self._columns)]
        )
        lengths = np.array([len(edges[column]) + 1 for column in self._columns])
        self._ends = np.cumsum(lengths)
        self._tabulate([s for s in subtrees if s.conditions], lengths + 1)
        self._check(booster)

    def contributions(self, matrix: Matrix) -> Matrix:
        """What each column adds to each client's raw score, as `pred_contrib=True` gives it.

        `matrix` is (clients, columns); the result has one more column, the expected raw score.
        Raises ValueError if the number of columns is not the model's.
        """
        if matrix.ndim != 2 or matrix.shape[1] != self._width:
            raise ValueError(f"{self._width} columns are needed")
        contributions = np.empty((len(matrix), self._width + 1))
        contributions[:, -1] = self._expected
        number = np.arange(len(self._columns))
        for row, client in zip(contributions, matrix[:, self._columns], strict=True):
            # NaN is found behind all edges, so that the end of its column is the lesser.
            bins = np.minimum(np.searchsorted(self._edges, _complex(number, client)), self._ends)
            self._look_up(bins + number, row[:-1])
        return contributions

    def _look_up(self, bins: Integers, contributions: Vector) -> None:
        """`bins`: for each column with a split, its place in `self._offsets`."""
        offsets = np.concatenate([self._offsets[place] for place in bins.tolist()])
        offsets = offsets.take(self._order)
        values = np.empty(len(offsets))
        for group in self._groups:
            rows = offsets[group.slots].reshape(group.columns, -1).sum(axis=0, dtype=np.uint16)
            out = values[group.slots].reshape(-1, group.columns)
            np.take(group.values, group.starts + rows, axis=0, out=out, mode="clip")  # no copy
        contributions[:] = np.bincount(self._column_of, values, self._width)

    def _tabulate(self, subtrees: Sequence[Subtree], bins: Integers) -> None:
        """A slot is one column of one subtree. Slots are numbered column by column."""
        owners: dict[int, list[int]] = {column: [] for column in self._columns}
        for number, subtree in enumerate(subtrees):
            for column in subtree.conditions:
                owners[column].append(number)
        lengths = [len(numbers) for numbers in owners.values()]
        slots: list[list[int]] = [[] for _ in subtrees]
        for slot, number in enumerate(n for numbers in owners.values() for n in numbers):
            slots[number].append(slot)
        size = 2 * int(np.dot(lengths, bins))
        if size > MEMORY:
            raise UnsupportedModel("too many splits")
        states = [_states([subtrees[n].conditions[c] for n in owners[c]]) for c in owners]
        count = np.concatenate([counts for _, counts, _ in states])
        code = np.concatenate([codes for _, _, codes in states])
        first, stride = np.cumsum(count) - count, np.empty_like(count)
        column_of = np.repeat(self._columns, lengths)
        groups: list[Integers] = []
        self._groups: list[Group] = []
        for columns in sorted(set(map(len, slots))):
            chosen = [n for n, of_subtree in enumerate(slots) if len(of_subtree) == columns]
            group = np.array([slots[n] for n in chosen])
            rows = count[group].prod(axis=1)
            size += 8 * columns * int(rows.sum())
            if size > MEMORY or rows.max() > np.iinfo(np.uint16).max:
                raise UnsupportedModel("too many columns on the paths")
            stride[group] = count[group].cumprod(axis=1) // count[group]
            leaves = [subtrees[n].leaves for n in chosen]
            values = _values(leaves, column_of[group], count[group], first[group], code)
            end = sum(each.size for each in groups) + group.size
            place = slice(end - group.size, end)
            self._groups.append(Group(columns, place, np.cumsum(rows) - rows, values))
            groups.append(group)
        self._order = np.concatenate([group.T.ravel() for group in groups])
        self._column_of = column_of[np.concatenate([group.ravel() for group in groups])]
        strides = np.split(stride[:, None].astype(np.uint16), np.cumsum(lengths)[:-1])
        self._offsets = [
            row
            for (of_bins, _, _), step in zip(states, strides, strict=True)
            for row in np.ascontiguousarray((of_bins * step).T)
        ]

    def _check(self, booster: Any) -> None:
        """Compares clients whose values are thresholds, NaN or infinite."""
        random = np.random.default_rng(0)
        clients = random.normal(size=(4, self._width))
        for number, column in enumerate(self._columns):
            edges = self._edges.imag[self._edges.real == number]
            clients[:, column] = random.choice([*edges, math.nan, -math.inf], 4)
        expected = booster.predict(clients, pred_contrib=True, num_threads=1)
        if not np.allclose(self.contributions(clients), expected, 0, 1e-9 * np.abs(expected).max()):
            raise UnsupportedModel("LightGBM computes other contributions")


def contributions_by(booster: Any, threads: int = 1) -> Callable[[Matrix], Matrix]:
    """`TreeShap.contributions` or, where the model does not allow it, LightGBM's `pred_contrib`."""
    collecting = gc.isenabled()
    gc.disable()  # a third of the time, as the trees are many small objects without cycles
    try:
        return TreeShap(booster).contributions
    except UnsupportedModel as error:
        logging.getLogger(__name__).warning("no tables for TreeSHAP, using pred_contrib: %s", error)
    finally:
        if collecting:
            gc.enable()
    return partial(booster.predict, pred_contrib=True, num_threads=threads)


def _complex(real: Any, imaginary: Any) -> npt.NDArray[np.complex128]:
    """Not `real + 1j * imaginary`, which is NaN where `imaginary` is infinite."""
    numbers = np.empty(len(imaginary), np.complex128)
    numbers.real, numbers.imag = real, imaginary
    return numbers


def _states(
    slots: Sequence[Sequence[Condition]],
) -> tuple[npt.NDArray[np.uint16], Integers, Integers]:
    """The state of each bin, shape (slots, bins), the number of states of each slot, and their
    codes, slot by slot: the leaves that a state rules out, as bits.
    """
    masks, inside, outside = zip(*(condition for slot in slots for condition in slot), strict=True)
    leaves = np.array([inside, outside], dtype=np.int32)[:, :, None]
    codes: npt.NDArray[np.int32] = np.where(np.array(masks), leaves[0], leaves[1])
    lengths = np.array([len(slot) for slot in slots])
    codes = np.bitwise_or.reduceat(codes, np.cumsum(lengths) - lengths, axis=0)
    order = np.argsort(codes, axis=1)
    ordered = np.take_along_axis(codes, order, axis=1)
    new = np.diff(ordered, axis=1, prepend=np.int32(-1)) != 0
    ranks = np.cumsum(new, axis=1, dtype=np.uint16) - np.uint16(1)
    states = np.empty_like(ranks)
    np.put_along_axis(states, order, ranks, axis=1)
    return states, ranks[:, -1].astype(np.intp) + 1, ordered[new]


def _values(
    leaves: Sequence[Sequence[Leaf]],
    columns: Integers,
    count: Integers,
    first: Integers,
    code: Integers,
) -> Matrix:
    """The tables of subtrees with as many columns: shape (rows of all, columns).

    `columns`, `count` (states) and `first` (state, in `code`) have shape (subtrees, columns).
    With z the fraction of a column and o = 1 if the client satisfies it, else 0, Shapley's weights
    make a leaf's contribution to column j: value * (o_j - z_j) * integral from 0 to 1 of the
    product over i != j of (o_i t + z_i (1 - t)) dt, which Gauss-Legendre quadrature gives exactly.
    """
    nodes, weights = np.polynomial.legendre.leggauss((columns.shape[1] + 1) // 2)
    number = np.array([len(each) for each in leaves])
    first_leaf = np.cumsum(number) - number
    value = np.array([value for each in leaves for value, _ in each])
    fraction = np.array(
        [
            [fractions.get(column, 1.0) for column in of_subtree]
            for each, of_subtree in zip(leaves, columns.tolist(), strict=True)
            for _, fractions in each
        ]
    ).T
    rows, stride = count.prod(axis=1), count.cumprod(axis=1) // count
    chunk = np.cumsum(rows * number) // CHUNK
    tables = np.empty((rows.sum(), columns.shape[1]))
    end = 0
    for part in np.split(np.arange(len(leaves)), np.flatnonzero(np.diff(chunk)) + 1):
        subtree, row = _enumerated(part, rows[part])
        excluded = code[first[subtree] + row[:, None] // stride[subtree] % count[subtree]]
        row, leaf = _enumerated(np.arange(len(subtree)), number[subtree])
        one = 1.0 - (excluded.T[:, row] >> leaf & 1)
        leaf += first_leaf[subtree[row]]
        zero = fraction[:, leaf]
        integral = np.zeros_like(zero)
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
            factors = one * ((1 + node) / 2) + zero * ((1 - node) / 2)
            integral += weight / 2 * factors.prod(axis=0) / factors
        values = value[leaf] * (one - zero) * integral
        values = np.add.reduceat(values, np.flatnonzero(np.diff(row, prepend=-1)), axis=1)
        end += len(subtree)
        tables[end - len(subtree) : end] = values.T
    return tables


def _enumerated(items: Integers, lengths: Integers) -> tuple[Integers, Integers]:
    """Each item as often as its length says, and the positions 0, 1, ... within each."""
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(items, lengths), np.arange(len(starts)) - starts
