"""Rows as a row model sees them: numbers, and categories as places in fitted lists."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.contract import Matrix, Vector
from train.row_models.declared import STATISTICS, RowTable
from train.row_models.history import Rows

Clients = npt.NDArray[np.int64]
"""The place of each row's client among all clients, in ascending order."""


@dataclass(frozen=True)
class Column:
    """One column of a row: a number, or the place of its text among `categories`."""

    name: str
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Encoded:
    """The rows of one table: `matrix` is float32 of shape (rows, columns), NaN where missing."""

    table: RowTable
    columns: tuple[Column, ...]
    client: Clients
    matrix: npt.NDArray[np.float32]


def fitted(table: RowTable, rows: Rows) -> tuple[Column, ...]:
    """The columns of the rows, with every text that is among them."""
    return tuple(_column(table, name, rows.columns[name]) for name in rows.columns.column_names)


def encode(table: RowTable, columns: Sequence[Column], rows: Rows) -> Encoded:
    """Columns that the rows lack, and texts that a list lacks, are missing."""
    matrix = np.full((len(rows.client), len(columns)), np.nan, dtype=np.float32)
    with np.errstate(over="ignore"):  # beyond float32 is infinite
        for place, column in enumerate(columns):
            if column.name in rows.columns.column_names:
                matrix[:, place] = _values(column, rows.columns[column.name])
    return Encoded(table, tuple(columns), rows.client, matrix)


def by_client(scores: Vector, client: Clients, clients: int) -> Matrix:
    """(clients, STATISTICS) of the scores of their rows, the newest of each client's first.

    Missing for a client without rows. Sums run over one client's rows in their order, so that a
    client's are the same to the bit in any company.
    """
    found = np.full((clients, len(STATISTICS)), np.nan)
    there, first, count = np.unique(client, return_index=True, return_counts=True)
    if not len(there):
        return found
    total = np.bincount(client, weights=scores, minlength=clients)[there]
    found[there] = np.column_stack(
        [np.maximum.reduceat(scores, first), total / count, total, scores[first]]
    )
    return found


def _column(table: RowTable, name: str, values: pa.ChunkedArray) -> Column:
    if table.published.get(name) != "text":
        return Column(name)
    texts = pc.drop_null(pc.unique(values.cast(pa.string()))).to_pylist()
    return Column(name, tuple(sorted(texts)))


def _values(column: Column, values: pa.ChunkedArray) -> Vector:
    if column.categories is None:
        numbers: Vector = values.cast(pa.float64(), safe=False).to_numpy()
        return numbers
    listed = pa.array(column.categories, pa.string())
    places: Vector = pc.index_in(values.cast(pa.string()), listed).cast(pa.float64()).to_numpy()
    return places
