"""The new model and the champion on the same clients, each scored by what has not seen them."""

import tempfile
from collections.abc import Collection
from pathlib import Path

import numpy as np
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
from train.registry.loaded_model import Fetched
from train.report.summary import TARGET


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
    try:
        return Champion(version.number, *_scores(version, clients))
    except BrokenStore:
        raise
    except InvalidRows as error:
        reason = f"it cannot read {error.details[0].get('column') or 'any column'}"
    except TrainError as error:
        reason = str(error)
    return Champion(version.number, None, reason)


def _scores(version: versions.Version, clients: Clients) -> tuple[Scores, str]:
    """The champion's scores, and how they came about. Raises TrainError and InvalidRows."""
    learned = version.tags.get(TARGET, clients.target)
    if clients.target not in (None, learned):
        raise TrainError(
            f"it learned the outcome {learned}, and that of this data is {clients.target}"
        )
    how: list[str] = []
    stored = versions.stored(version, OUT_OF_FOLD, Scored.read)
    seen = np.full(len(clients.ids), -1) if stored is None else stored.places(clients)
    with tempfile.TemporaryDirectory() as folder:
        model = loaded_model.fetch(version.uri, Path(folder))
        threshold = read_threshold(model.folder / "artifacts" / FILES["best_threshold"])
        if clients.table is not None and (seen < 0).any():
            _check_answerable(model.contract, clients.table.column_names)
            if stored is not None:
                by_content = _by_content(stored, model, clients)
                if count := np.count_nonzero((seen < 0) & (by_content >= 0)):
                    how.append(f"{count:,} clients known by the content of their rows")
                seen = np.where(seen < 0, by_content, seen)
        unseen = seen < 0
        probability, others = np.zeros(len(seen)), clients.at(np.flatnonzero(unseen))
        if unseen.any() and others.table is None:
            probability[unseen] = _set_aside(version, others)
            how.append("as stored with its run")
        elif unseen.any():
            probability[unseen] = 1.0 - _live(model, dated(others.table, model.contract))
            how.append("given now, through MLflow")
    lent = accepted(solvency(probability), threshold)
    if stored is None:
        how.append(
            f"its run keeps no {OUT_OF_FOLD}: it may have learned from some of these clients"
        )
        return Scores(probability, lent), "; ".join(how)
    known, of_known = seen[~unseen], Scores.of(stored, threshold)
    probability[~unseen], lent[~unseen] = of_known.probability[known], of_known.lent[known]
    learned_from = f"{len(known):,} of {len(seen):,} clients it has learned from"
    how.append(learned_from + ", for these its out-of-fold scores" * bool(len(known)))
    return Scores(probability, lent), "; ".join(how)


def _by_content(stored: Scored, model: Fetched, clients: Clients) -> Rows:
    """Positions among the stored clients by what the model sees of each; -1 for others, and for all
    if its derivation is of another form."""
    try:
        derivation = read_derivation(model.folder / "artifacts" / FILES["derivation"])
    except BrokenModel:
        return np.full(len(clients.ids), -1)
    matrix = model_matrix(dated(clients.table, model.contract), model.contract, derivation)
    return stored.places(clients, keys(matrix))


def _check_answerable(contract: Contract, columns: Collection[str]) -> None:
    """Raises TrainError for a model that would have to answer with fewer columns than it learned
    from: it would look worse than it is."""
    lacking = [name for name in contract.columns if name not in columns]
    if lacking:
        raise TrainError(
            f"the data lacks {len(lacking)} of its {len(contract.columns)} columns"
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


def _live(model: Fetched, table: pa.Table) -> Vector:
    """Solvencies."""
    answers = loaded_model.load(model, threads=1)(table.to_pandas(), {})
    return answers["solvency"].to_numpy(dtype=np.float64)


def _set_aside(version: versions.Version, clients: Clients) -> Vector:
    """The stored probabilities of clients that its training set aside. Raises TrainError."""
    aside = versions.stored(version, HOLDOUT, Scored.read)
    if aside is None or (places := aside.places(clients)).min() < 0:
        raise TrainError("its run holds no scores of these clients")
    return aside.probability[places]
