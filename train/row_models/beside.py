"""Row scores as columns beside the others, of a table of clients here or on the engine."""

import ibis
import numpy as np
import pyarrow as pa

from train.data.engines import aligned, beside, keep, reading
from train.data.tables import Tables
from train.dataset import Say
from train.row_models.history import History
from train.row_models.models import RowModels


def columns_beside(
    clients: pa.Table, models: RowModels | None, history: History | None, threads: int
) -> pa.Table:
    """`clients` with the columns that `models` make of their history, where it is at hand.

    Those that other models have made give way: they mean something else.
    """
    if models is None:
        return clients
    clients = clients.drop_columns([n for n in models.columns if n in clients.column_names])
    if history is None:
        return clients
    made = models.of(history, clients[history.id].to_numpy(), threads)
    for name, values in zip(models.columns, made.T, strict=True):
        clients = clients.append_column(name, pa.array(np.ascontiguousarray(values)))
    return clients


def columns_on_engine(
    tables: Tables, built: ibis.Table, models: RowModels, threads: int, say: Say
) -> ibis.Table:
    """`built`, as `train.features.build` gives it, likewise. Rows are scored on this machine."""
    built = built.drop(*(name for name in models.columns if name in built.columns))
    history = History.of(tables)
    if history is None:
        return built
    con, ids = tables.con, tables.application.select(tables.id)
    with reading("the ids of the clients"):
        clients = ids.to_pyarrow()
    made = ibis.memtable(columns_beside(clients, models, history, threads))
    say(f"{len(models.columns)} columns made of the scores of {len(models.models)} row models")
    part = keep(con, "row_models", aligned(con, ids, made, tables.id))
    return beside(con, built, [part], tables.id)
