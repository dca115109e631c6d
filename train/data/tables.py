"""The table of clients, with an id and a target, and the tables of their history."""

from dataclasses import dataclass
from numbers import Number
from typing import Any

import ibis
from ibis import _

from train.data.engines import keep, reading
from train.errors import EmptyTable, MissingColumn, MissingValues, TrainError, listed

ROW = "row"
EXAMPLES = 6


@dataclass(frozen=True)
class Tables:
    """What was opened.

    `application` has one row per client with a unique `id` and, where `target` is not None, that
    column as int64 0/1; every other column is as it came. `history` holds the other tables that
    are there. `home_credit` says whether this is the Home Credit set, for which history features
    can be built.
    """

    con: Any
    application: ibis.Table
    history: dict[str, ibis.Table]
    id: str
    target: str | None
    home_credit: bool


def checked(
    con: Any,
    clients: ibis.Table,
    name: str,
    id: str,
    target: str | None,
    positive: str | None,
    computed: bool,
) -> ibis.Table:
    """The table of clients called `name`, with unique ids and a target of 0 and 1; `computed` keeps
    it in the engine. Raises TrainErrors."""
    if computed:
        clients = keep(con, name, clients)
    with reading(name):
        if clients.limit(1).count().to_pyarrow().as_py() == 0:
            raise EmptyTable(name)
    _check_ids(clients, name, id)
    return clients if target is None else _binary(clients, name, target, positive)


def _check_ids(table: ibis.Table, name: str, id: str) -> None:
    """Every row has an id of its own."""
    _check_known(table, name, id)
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


def _binary(table: ibis.Table, name: str, target: str, positive: str | None) -> ibis.Table:
    """`table` with its target as int64 0/1, where 1 is the outcome to predict.

    A target that is 0/1 (or true/false) stands as it is unless `positive` names the value that
    counts as 1.
    """
    _check_known(table, name, target)
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
    wanted = "1" if positive is None else positive
    ones = [value for value in values if _same(value, wanted)]
    if not ones or (positive is None and not any(_same(value, "0") for value in values)):
        asked = "it is not 0/1" if positive is None else f"--positive {positive} is neither"
        raise TrainError(
            f"{target} has the values {listed(values)} and {asked}: "
            "name the one to predict with --positive"
        )
    return table.mutate(**{target: (table[target] == ones[0]).cast("int64")})


def _same(value: Any, text: str) -> bool:
    """Whether `text`, as typed on a command line, means `value`: 1, 1.0, true or the very word."""
    if not isinstance(value, Number):
        return str(value) == text
    try:
        return float(value) == float({"true": "1", "false": "0"}.get(text.lower(), text))  # type: ignore[arg-type]
    except ValueError:
        return False


def _check_known(table: ibis.Table, name: str, column: str) -> None:
    """The column is there, and known in every row."""
    if column not in table.columns:
        raise MissingColumn(name, column, table.columns)
    value = table[column]
    missing = value.isnull() | value.isnan() if value.type().is_floating() else value.isnull()
    with reading(name):
        count = missing.sum().to_pyarrow().as_py() or 0
    if count:
        raise MissingValues(name, column, count)
