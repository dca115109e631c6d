"""A client's columns of row scores, made without the client's own outcome."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from scoring_model.contract import Feature, Matrix
from train.dataset import Dataset, Say, numbers_seen
from train.fitting.folds import Rows, folds_up_to
from train.fitting.plan import Plan
from train.row_models.declared import TABLES
from train.row_models.encoded import Encoded, by_client, encode, fitted
from train.row_models.history import History
from train.row_models.models import RowModel, RowModels

PARTS = 5
"""The clients learned from have their rows scored by models of the other four fifths of them: the
fifths on which `Boosting` stops."""


def with_rows(dataset: Dataset, history: History, say: Say) -> Dataset:
    """The same, with the rows of its clients at hand. Raises UnreadableTable."""
    found = []
    for table in TABLES:
        if table.name in history.tables:
            rows = history.read(table, dataset.ids)
            columns = fitted(table, rows)
            say(f"{table.name}: {len(rows.client):,} rows of {len(columns)} columns to model")
            found.append(encode(table, columns, rows))
    return replace(dataset, history=tuple(found))


def with_row_scores(dataset: Dataset, rows: Rows, plan: Plan) -> Dataset:
    """The dataset with the columns of row scores, learned from the clients `rows` alone.

    Each of `rows` has them from models of the other parts, every other client from models of all
    of them, which the dataset then carries. So no client's own outcome is in their columns, nor
    the outcome of a client who is to be judged in anybody's.
    """
    columns, models = [dataset.matrix], []
    for encoded in dataset.history:
        matrix, model = _columns(dataset, encoded, rows, plan)
        columns.append(matrix)
        models.append(model)
    made = RowModels(tuple(models))
    matrix = np.ascontiguousarray(np.hstack(columns))
    return _widened(replace(dataset, matrix=matrix), made)


def _columns(dataset: Dataset, encoded: Encoded, rows: Rows, plan: Plan) -> tuple[Matrix, RowModel]:
    scores = np.full(len(encoded.client), np.nan)
    everybody = np.arange(len(dataset.ids))

    def learned(clients: Rows) -> RowModel:
        some = _rows_of(encoded, clients, len(everybody))
        outcomes = dataset.defaulted[encoded.client[some]]
        return RowModel.fit(encoded, some, outcomes, plan.seed, plan.threads)

    def score(model: RowModel, clients: Rows) -> None:
        some = _rows_of(encoded, clients, len(everybody))
        scores[some] = model.scores(encoded.matrix[some], plan.threads)

    outcomes, persons = dataset.defaulted[rows], dataset.persons
    persons = None if persons is None else persons[rows]
    for others, part in folds_up_to(outcomes, persons, PARTS, plan.seed):
        score(learned(rows[others]), rows[part])
    final = learned(rows)
    score(final, np.setdiff1d(everybody, rows))
    return by_client(scores, encoded.client, len(everybody)), final


def _rows_of(encoded: Encoded, clients: Rows, count: int) -> Rows:
    """Places of the rows of some of the clients."""
    among = np.zeros(count, dtype=bool)
    among[clients] = True
    return np.flatnonzero(among[encoded.client])


def _widened(dataset: Dataset, made: RowModels) -> Dataset:
    """`dataset`, whose matrix has the columns already, with their names: a caller sends them."""
    names, values = made.columns, dataset.matrix[:, -len(made.columns) :]
    features = tuple(
        Feature(name, "number", seen=numbers_seen(pa.chunked_array([_arrow(column)])))
        for name, column in zip(names, values.T, strict=True)
    )
    known = zip(names, values[0].tolist(), strict=True)
    derivation = dataset.derivation
    return replace(
        dataset,
        contract=replace(dataset.contract, features=(*dataset.contract.features, *features)),
        derivation=replace(
            derivation,
            inputs=(*derivation.inputs, *names),
            columns=(*derivation.columns, *names),
        ),
        example=dataset.example | {name: value for name, value in known if value == value},
        row_models=made,
    )


def _arrow(column: Matrix) -> pa.Array:
    return pa.array(column, from_pandas=True)
