"""The share of defaults among a client's neighbours, made without the client's own outcome."""

from dataclasses import replace

import numpy as np

from scoring_model.contract import Matrix, Vector
from scoring_model.derive.neighbours import COLUMN, OF, Neighbours
from train.dataset import Dataset
from train.errors import TrainError
from train.fitting.folds import Rows, folds_up_to
from train.fitting.plan import Plan
from train.fitting.selection import selected

PARTS = 5
"""The clients learned from find their neighbours in the other four fifths of them."""
BLOCK = 4096
"""Clients searched for at a time: of each, hundreds of neighbours are in memory."""


class NoNeighbours(TrainError):
    """The data lacks what clients are near to each other by."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__(
            f"--neighbours needs the columns that {', '.join(columns)} are made of; "
            "the data lacks some of them"
        )
        self.columns = columns


def with_neighbours(dataset: Dataset, rows: Rows, plan: Plan) -> Dataset:
    """The columns selected on `rows`, and the share of defaults among neighbours of `rows` alone.

    Each of `rows` has its neighbours among the other parts of them, every other client among all
    of them, which the derivation then carries. So no client's own outcome is in their column, nor
    the outcome of a client who is to be judged in anybody's. Raises NoNeighbours.
    """
    check_neighbours(dataset)
    chosen = selected(dataset, rows, replace(plan, max_features=max(1, plan.max_features - 1)))
    small = dataset.restricted_to(_places(dataset, {*chosen.columns, *OF}))
    values = values_of(small)
    found = Neighbours.fit(values[rows], dataset.defaulted[rows])
    whole = replace(
        small,
        matrix=np.column_stack([small.matrix, _column(small, values, rows, plan, found)]),
        derivation=small.derivation.with_neighbours(found),
    )
    return whole.restricted_to(_places(whole, {*chosen.columns, COLUMN}))


def check_neighbours(dataset: Dataset) -> None:
    """Raises NoNeighbours where the data lacks what neighbours are told by."""
    if not dataset.derivation.near:
        raise NoNeighbours(OF)


def values_of(dataset: Dataset) -> Matrix:
    """What neighbours are told by, shape (clients, values)."""
    return dataset.matrix[:, [dataset.columns.index(name) for name in OF]]


def _column(dataset: Dataset, values: Matrix, rows: Rows, plan: Plan, found: Neighbours) -> Vector:
    column = np.empty(len(values))
    others = np.setdiff1d(np.arange(len(values)), rows)
    column[others] = _rates(found, values[others], plan.threads)
    outcomes, persons = dataset.defaulted[rows], dataset.persons
    persons = None if persons is None else persons[rows]
    for learned, part in folds_up_to(outcomes, persons, PARTS, plan.seed):
        fitted = Neighbours.fit(values[rows[learned]], outcomes[learned])
        column[rows[part]] = _rates(fitted, values[rows[part]], plan.threads)
    return column


def _rates(neighbours: Neighbours, values: Matrix, threads: int) -> Vector:
    blocks = [values[start : start + BLOCK].T for start in range(0, len(values), BLOCK)]
    return np.concatenate([neighbours.rate(block, threads) for block in blocks] or [np.empty(0)])


def _places(dataset: Dataset, names: set[str]) -> Rows:
    return np.array([place for place, name in enumerate(dataset.columns) if name in names])
