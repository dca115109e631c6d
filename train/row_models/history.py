"""The rows of the history tables, read by the engine and collected on this machine."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from train.data.clean import clean
from train.data.engines import reading
from train.data.tables import Tables
from train.errors import TrainError
from train.features.family import resolved
from train.row_models.declared import TABLES, RowTable

CLIENT, ROW, NEWEST = "_client", "_row", "_newest"
"""What tells rows apart, beside what a model sees of them."""


class NoRows(TrainError):
    """Row models were asked for where there are no rows."""

    def __init__(self) -> None:
        tables = " or ".join(table.name for table in TABLES)
        super().__init__(
            f"--row-models needs --data with a folder that holds {tables}: "
            "a table of features has one row a client"
        )


@dataclass(frozen=True)
class History:
    """The cleaned tables that have row models, by name, not read yet; `id` names the client.

    Columns in `excluded` are not looked at.
    """

    tables: Mapping[str, ibis.Table]
    id: str
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tables: Tables, excluded: Collection[str] = ()) -> "History | None":
        """None where not one of the tables is there, with what it takes to tell its rows apart."""
        found = {
            table.name: clean(table.name, tables.of_clients(table.name))
            for table in TABLES
            if table.name in tables.history
            and {tables.id, table.id, table.newest} <= {*tables.history[table.name].columns}
        }
        return cls(found, tables.id, frozenset(excluded)) if found else None

    def read(self, table: RowTable, ids: npt.NDArray[Any]) -> "Rows":
        """Every row of the clients `ids`. Raises UnreadableTable."""
        rows = self.tables[table.name]
        keys = {CLIENT: rows[self.id], ROW: rows[table.id], NEWEST: rows[table.newest]}
        rows = rows.mutate(**keys).drop(*self.excluded.intersection(rows.columns))
        seen = {name: rows[name] for name in table.published if name in rows.columns}
        seen |= resolved(rows, table.made)
        with reading(table.name):
            found: pa.Table = rows.select(*keys, **seen).to_pyarrow()
        return _ordered(found, ids)


@dataclass(frozen=True)
class Rows:
    """Rows by client, a client's newest first: `client` has the place of each row's client among
    the ids, shape (rows,), `columns` what is known of each row."""

    client: npt.NDArray[np.int64]
    columns: pa.Table


def _ordered(rows: pa.Table, ids: npt.NDArray[Any]) -> Rows:
    order = np.argsort(ids, kind="stable")
    client = rows[CLIENT].to_numpy()
    place = np.searchsorted(ids[order], client)
    there = place < len(ids)
    there[there] = ids[order][place[there]] == client[there]
    rows, client = rows.filter(pa.array(there)), order[place[there]]
    newest = rows[NEWEST].cast(pa.float64()).to_numpy()
    unknown_last = np.where(np.isnan(newest), np.inf, -newest)
    sorting = np.lexsort((-_numbers(rows[ROW]), unknown_last, client))
    columns = rows.drop_columns([CLIENT, ROW, NEWEST]).take(pa.array(sorting))
    return Rows(client[sorting].astype(np.int64), columns)


def _numbers(ids: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    numbers: npt.NDArray[np.int64] = pc.fill_null(ids, -1).cast(pa.int64(), safe=False).to_numpy()
    return numbers
