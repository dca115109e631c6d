"""The table of clients, with an id and a target, and the tables of their history."""

from dataclasses import dataclass
from typing import Any

import ibis

from train.data.engines import keep, reading
from train.data.sources import Source
from train.data.target import binary, check_ids
from train.errors import EmptyTable

ROW = "row"


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


@dataclass(frozen=True)
class Roles:
    """What the caller says of the columns: which is the id, which the target, what counts as 1."""

    id: str | None
    target: str | None
    positive: str | None


def checked(
    con: Any, clients: ibis.Table, source: Source, roles: Roles, computed: bool
) -> ibis.Table:
    """The table of clients with unique ids and a target of 0 and 1.

    `computed` keeps it in the engine, so that CSV is parsed once and numbered rows keep their
    numbers.
    """
    if computed:
        clients = keep(con, source.table, clients)
    with reading(source.table):
        if clients.limit(1).count().to_pyarrow().as_py() == 0:
            raise EmptyTable(source.table)
    check_ids(clients, source.table, roles.id or ROW)
    if roles.target is not None:
        clients = binary(clients, source.table, roles.target, roles.positive)
    return clients
