"""The tables that --data names: the Home Credit set in a folder, or one file of any data set."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis

from train.data import sources
from train.data.engines import Engine, connect, is_spark
from train.data.sources import Source
from train.data.tables import ROW, Roles, Tables, checked
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
    if bureau is None or tables.id not in bureau.columns:
        return rows
    if CREDIT not in bureau.columns or CREDIT not in rows.columns:
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
    roles = Roles(id, target, positive)
    if remote or (Path(place).is_dir() and not place.endswith(".parquet")):
        return _folder(con, place, remote, application, roles)
    return _file(con, sources.of_file(Path(place)), roles)


def _folder(con: Any, place: str, remote: bool, application: str, roles: Roles) -> Tables:
    def find(table: str) -> Source | None:
        if remote:
            return sources.on_spark(con, place, table)
        return sources.in_folder(Path(place), table)

    if (source := find(application)) is None:
        raise MissingTable(place, application)
    clients = sources.read(con, source, kinds(application))
    labelled = application == APPLICATION or TARGET in clients.columns
    roles = replace(roles, id=roles.id or CLIENT, target=roles.target or _if(labelled, TARGET))
    history = {name: found for name in HISTORY if (found := find(name)) is not None}
    return Tables(
        con=con,
        application=_checked(con, clients, source, roles),
        history={name: sources.read(con, found, kinds(name)) for name, found in history.items()},
        absent=tuple(name for name in HISTORY if name not in history),
        id=roles.id or CLIENT,
        target=roles.target,
        home_credit=True,
    )


def _file(con: Any, source: Source, roles: Roles) -> Tables:
    clients = sources.read(con, source, {})
    published = CLIENT in clients.columns and roles.id in (None, CLIENT)
    if published:
        clients = sources.read(con, source, kinds(source.table))
        labelled = _if(TARGET in clients.columns, TARGET)
        roles = replace(roles, id=CLIENT, target=roles.target or labelled)
    elif roles.id is None:
        clients, roles = _numbered(con, clients, source, roles)
    return Tables(
        con=con,
        application=_checked(con, clients, source, roles),
        history={},
        absent=HISTORY if published else (),
        id=roles.id or ROW,
        target=roles.target,
        home_credit=published,
    )


def _numbered(
    con: Any, clients: ibis.Table, source: Source, roles: Roles
) -> tuple[ibis.Table, Roles]:
    """The rows with their place in the file, from 0, as an id."""
    if is_spark(con):
        raise TrainError(f"{source.path} on Spark needs an id column: name it with --id")
    name = ROW
    while name in clients.columns:
        name += "_"
    return clients.mutate(**{name: ibis.row_number()}), replace(roles, id=name)


def _checked(con: Any, clients: ibis.Table, source: Source, roles: Roles) -> ibis.Table:
    return checked(con, clients, source, roles, source.format == "csv" or roles.id != CLIENT)


def _if(condition: bool, value: str) -> str | None:
    return value if condition else None
