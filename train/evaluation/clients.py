"""The clients that models are compared on, and what a training has made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from scoring_model.artifacts import Artifacts
from scoring_model.contract import Vector
from train.data.dataset import Dataset
from train.evaluation.evaluation import Evaluation
from train.evaluation.exclusion import Weighed
from train.evaluation.groups import Grouping, groupings
from train.evaluation.holdout import Holdout
from train.fitting.folds import Outcomes, Rows

MOST_CLIENTS = 50_000
"""Without a holdout, as many of the clients that were learned from are judged: plenty for the
intervals, and the champion need not score them all."""


@dataclass(frozen=True)
class Clients:
    """Whom to compare models on: arrays of shape (clients,), `table` with their raw columns.

    `table` is None where there are no raw columns. `target` names the column of the outcome, where
    that is known.
    """

    ids: npt.NDArray[Any]
    defaulted: Outcomes
    groupings: tuple[Grouping, ...]
    table: pa.Table | None
    target: str | None = None


@dataclass(frozen=True)
class Learned:
    """The clients learned from, in the order of their ids: the groups of all of them, and the raw
    columns (`table`) of those at the positions `rows`, on whom models can be compared."""

    groupings: tuple[Grouping, ...]
    rows: Rows
    table: pa.Table


def learned(table: pa.Table, id: str, seed: int) -> Learned:
    """Of the raw columns of all clients keeps as much as a comparison needs."""
    table = table.sort_by(id)
    rows = _drawn(table.num_rows, seed)
    return Learned(groupings(_columns(table)), rows, table.take(rows))


def aside(table: pa.Table, id: str, target: str) -> Clients:
    """The clients that were set aside, from their raw columns."""
    defaulted = table[target].to_numpy().astype(np.int8)
    groups = groupings(_columns(table))
    return Clients(table[id].to_numpy(), defaulted, groups, table, target)


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return dict(zip(table.column_names, table.columns, strict=True))


def _drawn(clients: int, seed: int) -> Rows:
    """Positions of at most `MOST_CLIENTS` of the clients, in ascending order."""
    if clients <= MOST_CLIENTS:
        return np.arange(clients)
    random = np.random.default_rng(seed)
    return np.sort(random.choice(clients, MOST_CLIENTS, replace=False))


@dataclass(frozen=True)
class Trained:
    """What training has made. `learned` are the clients of `dataset` as they came, with the columns
    that were excluded, `compared_on` those on whom models are compared, `in_training` the
    probabilities that the model as it was fitted gives these; `gains` is the total gain of the
    model's columns, `protected` says which protected attributes it uses, `weighed` what was tried
    besides."""

    dataset: Dataset
    learned: Learned
    compared_on: Clients
    in_training: Vector
    target: str
    model: Artifacts
    evaluation: Evaluation
    holdout: Holdout | None
    metrics: Mapping[str, float]
    gains: Mapping[str, float]
    protected: str
    weighed: tuple[Weighed, ...] = ()
