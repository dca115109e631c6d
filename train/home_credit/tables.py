"""The tables that --data names: the Home Credit set in a folder, or one file of any data set."""

from pathlib import Path
from typing import Any

import ibis

from train.data import sources
from train.data.engines import Engine, connect, is_spark
from train.data.sources import Source
from train.data.tables import ROW, Tables, checked
from train.errors import MissingPath, MissingTable, TrainError
from train.home_credit.schema import APPLICATION, CLIENT, HISTORY, TARGET, kinds

CREDIT = "SK_ID_BUREAU"


def rows_of_clients(tables: Tables, name: str) -> ibis.Table:
    """The rows of a history table that belong to clients of the application table.

    bureau_balance names credits: which are whose is looked up in the bureau.
    """
    rows = tables.history[name]
    if tables.id in rows.columns:
        return rows.semi_join(tables.application.select(tables.id), tables.id)
    bureau = tables.history.get("bureau")
    if bureau is None or not {tables.id, CREDIT} <= {*bureau.columns} or CREDIT not in rows.columns:
        return rows
    return rows.semi_join(rows_of_clients(tables, "bureau").select(CREDIT), CREDIT)


def open_tables(
    path: str | Path,
    *,
    id: str | None = None,
    target: str | None = None,
    positive: str | None = None,
    memory: str | None = None,
    threads: int | None = None,
    application: str = APPLICATION,
    engine: Engine = "duckdb",
) -> Tables:
    """Opens a folder of Home Credit tables, or one CSV or Parquet file.

    `application` names the table of clients in a folder (application_test to score it). A file
    needs no `id`: its rows are then numbered from 0 in the column `row`, in file order. `target`
    is TARGET for Home Credit and otherwise None unless given; `positive` is the target's value
    that counts as 1. On Spark, `path` may also be a URL or `catalog:database`. `memory` ("4GB")
    and `threads` bound the engine. Raises TrainErrors.
    """
    place = str(path)
    remote = engine == "spark" and ("://" in place or place.startswith(sources.CATALOG))
    if not remote and not Path(place).exists():
        raise MissingPath(place)
    con = connect(engine, memory, threads)
    found: dict[str, Source] = {}
    if folder := remote or (Path(place).is_dir() and not place.endswith(".parquet")):
        for name in (application, *HISTORY):
            if source := sources.find(con if remote else None, place, name):
                found[name] = source
        if application not in found:
            raise MissingTable(place, application)
        source = found.pop(application)
        clients = sources.read(con, source, kinds(application))
    else:
        source = sources.of_file(Path(place))
        clients = sources.read(con, source, {})
    home_credit = folder or (CLIENT in clients.columns and id in (None, CLIENT))
    if home_credit:
        clients = clients if folder else sources.read(con, source, kinds(source.table))
        labelled = (folder and application == APPLICATION) or TARGET in clients.columns
        id, target = id or CLIENT, target or (TARGET if labelled else None)
    elif id is None:
        clients, id = _numbered(con, clients, source)
    # Kept in the engine, CSV is parsed once, and numbered rows keep their numbers.
    computed = source.format == "csv" or id != CLIENT
    return Tables(
        con=con,
        application=checked(con, clients, source.table, id, target, positive, computed),
        history={name: sources.read(con, each, kinds(name)) for name, each in found.items()},
        id=id,
        target=target,
        home_credit=home_credit,
    )


def _numbered(con: Any, clients: ibis.Table, source: Source) -> tuple[ibis.Table, str]:
    """The rows with their place in the file, from 0, as an id, and the name of that."""
    if is_spark(con):
        raise TrainError(f"{source.path} on Spark needs an id column: name it with --id")
    name = ROW
    while name in clients.columns:
        name += "_"
    return clients.mutate(**{name: ibis.row_number()}), name
