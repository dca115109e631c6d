"""The new model and the champion on the same clients, each scored by what has not seen them."""

import tempfile
from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.artifacts import FILES, read_derivation, read_threshold
from scoring_model.contract import Contract, Vector
from scoring_model.decision import accepted, solvency
from scoring_model.errors import BrokenModel, InvalidRows
from scoring_model.written import days
from train.data.columns import written_as
from train.errors import BrokenStore, TrainError, listed
from train.evaluation.clients import HOLDOUT, OUT_OF_FOLD, Clients, Scored, keys, model_matrix
from train.fitting.folds import Rows
from train.gate import Champion, Reloaded, Scores
from train.registry import loaded_model, versions

TARGET = "target"
"""Tag of a version: the column of the outcome that it learned."""


def reloaded(folder: Path, clients: Clients, in_training: Vector) -> Reloaded:
    """Loads a saved model through MLflow and compares its solvencies with those which the model
    gave to the same clients before it was written: probabilities of default, shape (clients,)."""
    found = _live(loaded_model.fetch(str(folder), folder), clients.table)
    return Reloaded(len(found), int(np.count_nonzero(solvency(in_training) != found)))


def champion(version: versions.Version | None, clients: Clients) -> Champion | None:
    """The champion's scores of `clients`, or why they cannot be had.

    Clients that it learned from, known by their ids or by the content of their rows, get its
    out-of-fold scores and decisions, as stored with its run: its final model has seen their
    outcomes. All others it scores now, through MLflow. None where there is no champion. Raises
    BrokenStore.
    """
    if version is None:
        return None
    learned = version.tags.get(TARGET, clients.target)
    if clients.target != learned and clients.target is not None:
        reason = f"it learned the outcome {learned}, and that of this data is {clients.target}"
        return Champion(version.number, None, reason)
    stored = versions.scored(version, OUT_OF_FOLD)
    try:
        return _compared(version, clients, stored)
    except InvalidRows as error:
        column = error.details[0].get("column")
        return Champion(version.number, None, f"it cannot read {column or 'any column'}")
    except BrokenStore:
        raise
    except TrainError as error:
        return Champion(version.number, None, str(error))


def _compared(version: versions.Version, clients: Clients, stored: Scored | None) -> Champion:
    """Stored scores of clients that it has learned from, and those of today of all others."""
    seen = np.full(len(clients.ids), -1) if stored is None else stored.places(clients)
    how = []
    with tempfile.TemporaryDirectory() as folder:
        fetched = loaded_model.fetch(version.uri, Path(folder))
        threshold = read_threshold(fetched.folder / "artifacts" / FILES["best_threshold"])
        if clients.table is not None and (seen < 0).any():
            check_answerable(fetched, clients.table.column_names)
            if stored is not None:
                by_content = _by_content(stored, fetched, clients)
                if count := np.count_nonzero((seen < 0) & (by_content >= 0)):
                    how.append(f"{count:,} clients known by the content of their rows")
                seen = np.where(seen < 0, by_content, seen)
        probability, lent, unseen = np.full(len(seen), np.nan), np.zeros(len(seen), bool), seen < 0
        if stored is not None:
            probability[~unseen] = stored.probability[seen[~unseen]]
            if stored.lent is not None:
                lent[~unseen] = stored.lent[seen[~unseen]]
            else:
                lent[~unseen] = accepted(solvency(probability[~unseen]), threshold)
        if unseen.any():
            if clients.table is None:
                probability[unseen] = _stored(version, clients)[unseen]
                how.append("as stored with its run")
            else:
                table = clients.table.filter(pa.array(unseen))
                probability[unseen] = 1.0 - _live(fetched, dated(table, fetched.contract))
                how.append("given now, through MLflow")
            lent[unseen] = accepted(solvency(probability[unseen]), threshold)
    if np.isnan(probability).any():
        return Champion(version.number, None, "its run holds no scores of these clients")
    how.append(_overlap(stored, ~unseen))
    return Champion(version.number, Scores(probability, threshold, lent), "; ".join(how))


def _by_content(stored: Scored, fetched: loaded_model.Fetched, clients: Clients) -> Rows:
    """Positions among the stored clients by what the model sees of each; -1 for others, and for all
    if its derivation is of another form."""
    try:
        derivation = read_derivation(fetched.folder / "artifacts" / FILES["derivation"])
    except BrokenModel:
        return np.full(len(clients.ids), -1)
    table = dated(clients.table, fetched.contract)
    matrix = model_matrix(table, fetched.contract, derivation)
    return stored.places(clients, keys(matrix))


def _overlap(stored: Scored | None, known: npt.NDArray[np.bool_]) -> str:
    """How many of the clients the champion has learned from, as far as that is known."""
    if stored is None:
        return f"its run keeps no {OUT_OF_FOLD}: it may have learned from some of these clients"
    how = f"{np.count_nonzero(known):,} of {len(known):,} clients it has learned from"
    return how + ", for these its out-of-fold scores" * bool(known.any())


def check_answerable(fetched: loaded_model.Fetched, columns: Collection[str]) -> None:
    """Raises TrainError for a model that would have to answer with fewer columns than it learned
    from: it would look worse than it is."""
    lacking = [name for name in fetched.contract.columns if name not in columns]
    if lacking:
        raise TrainError(
            f"the data lacks {len(lacking)} of its {len(fetched.contract.columns)} columns"
            f" ({listed(lacking)})"
        )


def dated(table: pa.Table, contract: Contract) -> pa.Table:
    """`table` with its dates as days from the day that the contract counts from."""
    for feature in contract.features:
        ours = written_as(table, feature.name).get("days_from")
        if feature.days_from and ours and ours != feature.days_from:
            shift = days(ours, feature.days_from)
            place = table.column_names.index(feature.name)
            table = table.set_column(place, feature.name, pc.add(table[feature.name], shift))
    return table


def _live(fetched: loaded_model.Fetched, table: pa.Table) -> Vector:
    """Solvencies."""
    answers = loaded_model.load(fetched, threads=1).predict(table.to_pandas(), {})
    return answers["solvency"].to_numpy(dtype=np.float64)


def _stored(version: versions.Version, clients: Clients) -> Vector:
    """The probabilities of those that its run set aside; NaN for others."""
    aside = versions.scored(version, HOLDOUT)
    if aside is None:
        return np.full(len(clients.ids), np.nan)
    places = aside.places(clients)
    return np.where(places >= 0, aside.probability[places], np.nan)
