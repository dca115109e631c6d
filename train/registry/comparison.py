"""The new model and the champion on the same clients, each scored by what has not seen them."""

import tempfile
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa

from scoring_model.artifacts import FILES, read_threshold
from scoring_model.contract import Vector
from scoring_model.decision import solvency
from scoring_model.errors import InvalidRows
from train.errors import TrainError, UnreachableStore
from train.evaluation.clients import Clients
from train.evaluation.scored import HOLDOUT, OUT_OF_FOLD, Scored
from train.gate import Champion, Reloaded, Scores
from train.registry import evidence, faults, loaded_model, versions
from train.registry.errors import LacksColumns

TARGET = "target"
"""Tag of a version: the column of the outcome that it was taught."""


def reloaded(uri: str, clients: Clients, in_training: Vector) -> Reloaded:
    """Loads a logged model through MLflow and holds its solvencies against those which the model
    gave to the same clients before it was written: probabilities of default, shape (clients,)."""
    with tempfile.TemporaryDirectory() as folder:
        found = _live(loaded_model.fetch(uri, Path(folder)), clients.table)
    return Reloaded(len(found), int(np.count_nonzero(solvency(in_training) != found)))


def champion(version: versions.Version | None, clients: Clients) -> Champion | None:
    """The champion's scores of `clients`, or why they cannot be had.

    Whom it learned from it scores out of fold, as stored with its run: its final model has seen
    their outcomes. All others it scores live, through MLflow. None where there is no champion.
    Raises BrokenStore.
    """
    if version is None:
        return None
    taught = version.tags.get(TARGET, clients.target)
    if clients.target != taught and clients.target is not None:
        reason = f"it was taught the outcome {taught}, and that of this data is {clients.target}"
        return Champion(version.number, None, reason)
    stored = evidence.scored(version, OUT_OF_FOLD)
    nobody = np.full(len(clients.ids), np.nan)
    seen = stored.probability_of(clients.ids, clients.defaulted) if stored else nobody
    try:
        scores, how = _scores(version, clients, seen)
    except InvalidRows as error:
        column = error.details[0].get("column")
        return Champion(version.number, None, f"it cannot read {column or 'any column'}")
    except (faults.BrokenStore, UnreachableStore):
        raise
    except TrainError as error:
        return Champion(version.number, None, str(error))
    if np.isnan(scores.probability).any():
        return Champion(version.number, None, "its run holds no scores of these clients")
    return Champion(version.number, scores, "; ".join([*how, _overlap(stored, seen)]))


def columns_of(version: versions.Version | None) -> tuple[str, ...]:
    """What the champion asks of a caller; nothing where there is none."""
    if version is None:
        return ()
    with tempfile.TemporaryDirectory() as folder:
        return tuple(loaded_model.fetch(version.uri, Path(folder)).contract.columns)


def _scores(
    version: versions.Version, clients: Clients, seen: Vector
) -> tuple[Scores, tuple[str, ...]]:
    """`seen` for those whom it has learned from, and how all others, if any, got theirs."""
    probability, unseen = seen.copy(), np.isnan(seen)
    if clients.table is None:
        found = _stored(version, clients)
        probability[unseen] = found.probability[unseen]
        return Scores(probability, found.threshold), ("as stored with its run",)
    table = clients.table.filter(pa.array(unseen))
    with tempfile.TemporaryDirectory() as folder:
        fetched = loaded_model.fetch(version.uri, Path(folder))
        threshold = read_threshold(fetched.folder / "artifacts" / FILES["best_threshold"])
        if unseen.any():
            check_answerable(fetched, table.column_names)
            probability[unseen] = 1.0 - _live(fetched, table)
    how = ("given now, through MLflow",) if unseen.any() else ()
    return Scores(probability, threshold), how


def _overlap(stored: Scored | None, seen: Vector) -> str:
    """What is known of those whom the champion has learned from."""
    if stored is None:
        return f"its run keeps no {OUT_OF_FOLD}: it may have learned from some of these clients"
    known = np.isfinite(seen)
    how = f"{np.count_nonzero(known):,} of {len(known):,} clients it has learned from"
    return how + ", for these its out-of-fold scores" * bool(known.any())


def check_answerable(fetched: loaded_model.Fetched, columns: Collection[str]) -> None:
    """Raises LacksColumns for a model that would have to answer with less than it was taught: it
    would look worse than it is."""
    lacking = [name for name in fetched.contract.columns if name not in columns]
    if lacking:
        raise LacksColumns(lacking, len(fetched.contract.columns))


def _live(fetched: loaded_model.Fetched, table: pa.Table) -> Vector:
    """Solvencies."""
    answers = loaded_model.load(fetched, threads=1).predict(table.to_pandas(), {})
    return answers["solvency"].to_numpy(dtype=np.float64)


def _stored(version: versions.Version, clients: Clients) -> Scores:
    """The threshold, and the probabilities of those whom its run set aside; NaN for others."""
    with tempfile.TemporaryDirectory() as folder:
        fetched = loaded_model.fetch(version.uri, Path(folder))
        threshold = read_threshold(fetched.folder / "artifacts" / FILES["best_threshold"])
    aside = evidence.scored(version, HOLDOUT)
    nobody = np.full(len(clients.ids), np.nan)
    found = aside.probability_of(clients.ids, clients.defaulted) if aside else nobody
    return Scores(found, threshold)
