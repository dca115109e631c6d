"""Columns that alone order the outcomes almost perfectly, and so may be made of the outcome."""

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from scoring_model.contract import Vector
from train.data.columns import Say
from train.data.dataset import Dataset

SUSPICIOUS = 0.99
CLIENTS = 20_000
"""Clients that are looked at, at most."""
LEAST = 10
"""Clients of the rarer outcome below which an order may be chance."""


def warn_of_leakage(dataset: Dataset, say: Say) -> None:
    """A line to `say` for each column whose AUC alone is above .99.

    A number is taken in either direction, with missing values at either end; a category by its
    default rate among half of the clients, judged on the other half.
    """
    rows = np.random.default_rng(0).permutation(len(dataset.defaulted))[:CLIENTS]
    defaulted, categories = dataset.defaulted[rows], set(dataset.categories)
    if min(np.bincount(defaulted, minlength=2)) < LEAST:
        return
    for place, name in enumerate(dataset.columns):
        values, judged = dataset.matrix[rows, place], defaulted
        if place in categories:
            orders, judged = [_rates(values, defaulted)], defaulted[1::2]
        elif np.isnan(values).all():
            continue
        else:
            missing = np.isnan(values)
            ends = (np.nanmin(values) - 1, np.nanmax(values) + 1)[: 1 + missing.any()]
            orders = [np.where(missing, end, values) for end in ends]
        aucs = [roc_auc_score(judged, order) for order in orders if len(set(judged)) == 2]
        best = max([0.5, *aucs, *(1 - auc for auc in aucs)])
        if best > SUSPICIOUS:
            say(
                f"warning: column {name} alone orders the outcomes with an AUC of {best:.4f}: "
                f"is it known before the outcome? --exclude {name} leaves it out"
            )


def _rates(codes: Vector, defaulted: npt.NDArray[np.int8]) -> Vector:
    """For the odd clients the default rate of their category among the even ones."""
    category = np.where(np.isnan(codes), 0, codes + 1).astype(np.int64)
    learned, size = category[::2], int(category.max()) + 1
    bad, clients = np.bincount(learned, defaulted[::2], size), np.bincount(learned, minlength=size)
    rates: Vector = ((bad + defaulted.mean()) / (clients + 1))[category[1::2]]
    return rates
