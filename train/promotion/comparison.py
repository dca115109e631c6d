"""The new model and the champion on the same clients, each scored by what has not seen them."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from scoring_model.artifacts import FILES, read_threshold
from scoring_model.contract import Vector
from scoring_model.decision import solvency
from scoring_model.errors import InvalidRows
from train import tracking
from train.errors import TrainError
from train.fairness import Grouping, groupings
from train.fitting.folds import Outcomes, Rows
from train.gate import Champion, Reloaded, Scores
from train.judging.scored import HOLDOUT, OUT_OF_FOLD
from train.row_models.beside import columns_beside
from train.row_models.history import History

MOST_CLIENTS = 50_000
"""Without a holdout, as many of the clients that were learned from are judged: plenty for the
intervals, and the champion need not score them all."""


@dataclass(frozen=True)
class Clients:
    """Whom to compare models on: arrays of shape (clients,), `table` with their raw columns.

    `table` is None where the raw columns are not at hand, `history` where their rows are not.
    """

    ids: npt.NDArray[Any]
    defaulted: Outcomes
    groupings: tuple[Grouping, ...]
    table: pa.Table | None
    history: History | None = None


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


def aside(table: pa.Table, id: str, defaulted: Outcomes, history: History | None = None) -> Clients:
    """The clients that were set aside, from their raw columns."""
    groups = groupings(_columns(table))
    return Clients(table[id].to_numpy(), defaulted, groups, table, history)


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return dict(zip(table.column_names, table.columns, strict=True))


def _drawn(clients: int, seed: int) -> Rows:
    """Positions of at most `MOST_CLIENTS` of the clients, in ascending order."""
    if clients <= MOST_CLIENTS:
        return np.arange(clients)
    random = np.random.default_rng(seed)
    return np.sort(random.choice(clients, MOST_CLIENTS, replace=False))


def reloaded(
    uri: str, table: pa.Table, in_training: Vector, history: History | None = None
) -> Reloaded:
    """Loads a logged model through MLflow and holds its solvencies against those which the model
    gave to the same clients before it was written: probabilities of default, shape (clients,)."""
    found = _live(uri, table, history).solvency
    return Reloaded(len(found), int(np.count_nonzero(solvency(in_training) != found)))


def champion(version: tracking.Version | None, clients: Clients) -> Champion | None:
    """The champion's scores of `clients`.

    Whom it learned from it scores out of fold, as stored with its run: its final model has seen
    their outcomes. All others it scores live, through MLflow. None where there is no champion.
    """
    if version is None:
        return None
    stored = tracking.scored(version, OUT_OF_FOLD)
    nobody = np.full(len(clients.ids), np.nan)
    seen = stored.probability_of(clients.ids, clients.defaulted) if stored else nobody
    try:
        if clients.table is None:
            scores = _stored(version, clients)
            how = "as stored with its run"
        else:
            live = _live(version.uri, clients.table, clients.history)
            scores = Scores(1.0 - live.solvency, live.threshold)
            how = "given now, through MLflow" + live.lacking
    except InvalidRows as error:
        column = error.details[0].get("column")
        reason = f"it cannot read {column}" if column else "the data has none of its columns"
        return Champion(version.number, None, reason)
    except TrainError as error:
        return Champion(version.number, None, str(error))
    known = np.isfinite(seen)
    probability = np.where(known, seen, scores.probability)
    if np.isnan(probability).any():
        return Champion(version.number, None, "its run holds no scores of these clients")
    how += f"; {np.count_nonzero(known):,} of {len(known):,} clients it has learned from"
    how += ", for these its out-of-fold scores" * bool(known.any())
    return Champion(version.number, Scores(probability, scores.threshold), how)


@dataclass(frozen=True)
class _Live:
    """What a model loaded through MLflow answers; `lacking` says which columns it did without."""

    solvency: Vector
    threshold: float
    lacking: str


def _live(uri: str, table: pa.Table, history: History | None) -> _Live:
    """Columns of row scores are made by the model's own row models: others mean something else."""
    with tempfile.TemporaryDirectory() as folder:
        fetched = tracking.fetch(uri, Path(folder))
        table = columns_beside(table, fetched.row_models, history, threads=1)
        answers = tracking.load(fetched, threads=1).predict(table.to_pandas(), {})
    columns = fetched.contract.columns
    absent = len(set(columns) - set(table.column_names))
    return _Live(
        answers["solvency"].to_numpy(dtype=np.float64),
        float(answers["threshold"].iloc[0]),
        f", without {absent} of its {len(columns)} columns: the data lacks them" * bool(absent),
    )


def _stored(version: tracking.Version, clients: Clients) -> Scores:
    """The threshold, and the probabilities of those whom its run set aside; NaN for others."""
    with tempfile.TemporaryDirectory() as folder:
        fetched = tracking.fetch(version.uri, Path(folder))
        threshold = read_threshold(fetched.folder / "artifacts" / FILES["best_threshold"])
    aside = tracking.scored(version, HOLDOUT)
    nobody = np.full(len(clients.ids), np.nan)
    found = aside.probability_of(clients.ids, clients.defaulted) if aside else nobody
    return Scores(found, threshold)
