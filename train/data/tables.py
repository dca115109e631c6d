"""The table of clients, with an id and a target, and the tables of their history."""

import math
from dataclasses import dataclass
from numbers import Number
from typing import Any

import ibis
from ibis import _

from train.data.engines import keep, reading
from train.data.sources import Source
from train.errors import EmptyTable, MissingColumn, MissingValues, TrainError, listed

ROW = "row"
EXAMPLES = 6


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


def check_ids(table: ibis.Table, name: str, id: str) -> None:
    """Every row has an id of its own. Raises TrainErrors."""
    _present(table, name, id)
    _filled(table, name, id)
    twice = table.group_by(id).agg(times=_.count()).filter(_.times > 1)
    with reading(name):
        examples = twice.order_by(id).limit(EXAMPLES).to_pyarrow()[id].to_pylist()
        count = twice.count().to_pyarrow().as_py() if examples else 0
    if examples:
        ids = "id occurs" if count == 1 else "ids occur"
        raise TrainError(
            f"{name}.{id} must name each client once: {count} {ids} more than once "
            f"({listed(examples, count)})"
        )


def binary(table: ibis.Table, name: str, target: str, positive: str | None) -> ibis.Table:
    """`table` with its target as int64 0/1, where 1 is the outcome to predict.

    A target that is 0/1 (or true/false) stands as it is unless `positive` names the value that
    counts as 1. Raises TrainErrors.
    """
    _present(table, name, target)
    _filled(table, name, target)
    distinct = table.select(target).distinct()
    with reading(name):
        values = distinct.order_by(target).limit(EXAMPLES).to_pyarrow()[target].to_pylist()
        count = len(values) if len(values) < EXAMPLES else distinct.count().to_pyarrow().as_py()
    if count != 2:
        different = "one value" if count == 1 else f"{count} different values"
        raise TrainError(
            f"{name}.{target} must have exactly two values, it has {different} "
            f"({listed(values, count)})"
        )
    one = _positive(target, values, positive)
    return table.mutate(**{target: (table[target] == one).cast("int64")})


def _positive(target: str, values: list[Any], positive: str | None) -> Any:
    """The one of the two `values` that is to become 1."""
    wanted = "1" if positive is None else positive
    for value in values:
        if _same(value, wanted):
            if positive is None and not any(_same(other, "0") for other in values):
                break
            return value
    asked = "it is not 0/1" if positive is None else f"--positive {positive} is neither"
    raise TrainError(
        f"{target} has the values {listed(values)} and {asked}: "
        "name the one to predict with --positive"
    )


def _same(value: Any, text: str) -> bool:
    """Whether `text`, as typed on a command line, means `value`: 1, 1.0, true or the very word."""
    if isinstance(value, Number):
        words = {"true": 1.0, "false": 0.0}
        try:
            return float(value) == words.get(text.lower(), math.nan) or float(value) == float(text)  # type: ignore[arg-type]
        except ValueError:
            return isinstance(value, bool) and words.get(text.lower()) == float(value)
    return str(value) == text


def _present(table: ibis.Table, name: str, column: str) -> None:
    if column not in table.columns:
        raise MissingColumn(name, column, table.columns)


def _filled(table: ibis.Table, name: str, column: str) -> None:
    value = table[column]
    missing = value.isnull() | value.isnan() if value.type().is_floating() else value.isnull()
    with reading(name):
        count = missing.sum().to_pyarrow().as_py() or 0
    if count:
        raise MissingValues(name, column, count)
