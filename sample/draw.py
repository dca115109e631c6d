"""Vectorised draws: probabilities between 0 and 1 become the values of a column."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sample.facts import Column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Values: TypeAlias = Floats | Ints | Bools | pa.Array
Columns = dict[str, Values]

AMOUNT_STEP = 4.5  # published amounts are multiples of it: the currency was scaled


def ranks(scores: Floats) -> Floats:
    """Scores of any distribution as evenly spread probabilities, in the same order, (n,) to (n,).

    The values drawn from them follow the published distribution closely even in a small sample.
    """
    order = np.empty(len(scores))
    order[np.argsort(scores, kind="stable")] = np.arange(len(scores))
    return np.asarray((order + 0.5) / len(scores), dtype=np.float64)


def quantile(p: Floats, column: Column) -> Floats:
    """The column's quantile at each probability (inverse transform sampling), (n,) to (n,)."""
    if column.values is not None:
        values, shares = column.values
        return np.asarray(values[pick(p, shares)], dtype=np.float64)
    assert column.knots is not None
    if column.distinct:
        p = (np.floor(p * column.distinct) + 0.5) / column.distinct
    drawn = np.interp(p, *column.knots)
    return np.round(drawn) if column.whole else drawn


def pick(p: Floats, shares: Sequence[float] | Floats) -> Ints:
    """Positions 0..k-1 drawn with the given shares, which need not sum to one."""
    steps = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(steps[:-1] / steps[-1], p, side="right")


def categories(p: Floats, shares: Mapping[str, float]) -> pa.Array:
    """Category names drawn with the given shares."""
    return named(pick(p, list(shares.values())), list(shares))


def named(codes: Ints, names: Sequence[str]) -> pa.Array:
    """Names by position; a negative position is missing."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(names, pa.string())
    )


def blank(values: Floats | Ints, missing: Bools) -> Floats:
    """The same numbers with NaN where `missing` is true."""
    return np.where(missing, np.nan, values)


def amount(values: Floats) -> Floats:
    """Money rounded to the published step."""
    return np.round(values / AMOUNT_STEP) * AMOUNT_STEP


def snapped(values: Floats, step: float, where: Bools) -> Floats:
    """Money rounded to a round sum where asked (at least one step), else to the least step."""
    return np.where(where, np.maximum(np.round(values / step), 1) * step, amount(values))


def column(rng: np.random.Generator, fact: Column, rows: int) -> Values:
    """A column drawn by itself, missing values included."""
    p, missing = rng.random(rows), rng.random(rows) < fact.missing
    if fact.shares:
        codes = np.where(missing, -1, pick(p, list(fact.shares.values())))
        return named(codes, list(fact.shares))
    values = quantile(p, fact)
    return blank(values, missing) if fact.missing else values


def owners(counts: Ints) -> Ints:
    """The parent's position of each child row: [2, 0, 1] gives [0, 0, 2]."""
    return np.repeat(np.arange(len(counts)), counts)


def places(counts: Ints) -> Ints:
    """Each child row's place under its parent, from 0: [2, 0, 1] gives [0, 1, 0]."""
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)


def draw_counts(scores: Floats, present: Bools, rows: Column) -> Ints:
    """Child rows of each parent that is present, by the published quantiles; none elsewhere."""
    counts = np.zeros(len(present), dtype=np.int64)
    counts[present] = np.maximum(quantile(ranks(scores[present]), rows), 1)
    return counts
