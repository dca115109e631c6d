"""The tables that --data names: the Home Credit set in a folder, or one file of any data set."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis

from train.data import sources
from train.data.engines import Engine, connect, is_spark, keep, reading
from train.data.schema import APPLICATION, CLIENT, HISTORY, TARGET, kinds
from train.data.sources import Source
from train.data.target import binary, check_ids
from train.errors import EmptyTable, MissingPath, MissingTable, UnnumberedRows

ROW = "row"
CREDIT = "SK_ID_BUREAU"


@dataclass(frozen=True)
class Tables:
    """What was opened.

    `application` has one row per client with a unique `id` and, where `target` is not None, that
    column as int64 0/1; every other column is as it came. `history` holds the other tables that
    are there, `absent` the names of those that are not. `home_credit` says whether this is the
    Home Credit set, for which history features can be built.
    """

    con: Any
    application: ibis.Table
    history: dict[str, ibis.Table]
    absent: tuple[str, ...]
    id: str
    target: str | None
    home_credit: bool

    def of_clients(self, name: str) -> ibis.Table:
        """The rows of a history table that belong to clients of `application`.

        bureau_balance names credits: which are whose is looked up in the bureau.
        """
        rows = self.history[name]
        if self.id in rows.columns:
            return rows.semi_join(self.application.select(self.id), self.id)
        bureau = self.history.get("bureau")
        if bureau is None or self.id not in bureau.columns:
            return rows
        if CREDIT not in bureau.columns or CREDIT not in rows.columns:
            return rows
        return rows.semi_join(self.of_clients("bureau").select(CREDIT), CREDIT)


@dataclass(frozen=True)
class Roles:
    """What the caller says of the columns: which is the id, which the target, what counts as 1."""

    id: str | None
    target: str | None
    positive: str | None


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
        raise UnnumberedRows(source.path)
    name = ROW
    while name in clients.columns:
        name += "_"
    return clients.mutate(**{name: ibis.row_number()}), replace(roles, id=name)


def _checked(con: Any, clients: ibis.Table, source: Source, roles: Roles) -> ibis.Table:
    """The table of clients with unique ids and a target of 0 and 1."""
    # CSV is parsed once instead of for every look at it; numbered rows keep their numbers.
    if source.format == "csv" or roles.id != CLIENT:
        clients = keep(con, source.table, clients)
    with reading(source.table):
        if clients.limit(1).count().to_pyarrow().as_py() == 0:
            raise EmptyTable(source.table)
    check_ids(clients, source.table, roles.id or ROW)
    if roles.target is not None:
        clients = binary(clients, source.table, roles.target, roles.positive)
    return clients


def _if(condition: bool, value: str) -> str | None:
    return value if condition else None
