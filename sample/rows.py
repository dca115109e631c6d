"""Rows of a child table laid out under their parents."""

import numpy as np

from sample.draw import Bools, Floats, Ints, quantile, ranks
from sample.facts import Column


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
