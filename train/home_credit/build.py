"""One row per client: the application's raw columns, then what history says of the client."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from train.data.engines import aligned, beside, keep, reading
from train.data.tables import Tables
from train.home_credit import across, bureau, card, instalments, pos, previous
from train.home_credit.cleaning import clean
from train.home_credit.family import Family, aggregate, over, resolved
from train.home_credit.schema import HISTORY, kinds
from train.home_credit.tables import rows_of_clients

Say = Callable[[str], None]

FAMILIES: tuple[Family, ...] = (
    bureau.FAMILY,
    previous.FAMILY,
    instalments.FAMILY,
    pos.FAMILY,
    card.FAMILY,
)
ACROSS = tuple(f"{across.PREFIX}_{name}" for name in across.FEATURES)
RATIOS: tuple[dict[str, Any], ...] = (
    {
        name: over(ibis._[one], ibis._[other])
        for family in FAMILIES
        for name, (one, other) in family.ratios.items()
    },
    {f"{across.PREFIX}_{name}": value for name, value in across.FEATURES.items()},
)
"""Computed one after the other from the columns of one client's row."""
DECLARED = frozenset(name for family in FAMILIES for name in family.features()) | {*ACROSS}


def history_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Those of a built table's columns that are history aggregates, in their order."""
    return tuple(column for column in columns if column in DECLARED)


def build(tables: Tables, say: Say) -> ibis.Table:
    """One row per client of `tables.application`: the id, the target if there is one, the other
    application columns as they came, then the history aggregates (int64 counts, float64 others).

    A client without a row in a table has counts of 0 there and every other aggregate missing.
    Each table is aggregated at once, one after another, which `say` is told line by line; what is
    returned are the results side by side, not copied yet, sorted by id on DuckDB and in no order on
    Spark. Raises TrainErrors.
    """
    roles = [tables.id] if tables.target is None else [tables.id, tables.target]
    rest = [column for column in tables.application.columns if column not in roles]
    clients = tables.application.select(*roles, *rest)
    if not tables.home_credit:
        return clients
    con, id = tables.con, tables.id
    clients = keep(con, "clients", aligned(con, None, clients, id))
    history = _monthly(con, _usable(tables, say), say)
    ids = clients.select(id)
    parts = [part for family in FAMILIES for part in _family(con, family, history, ids, say)]
    return _with_ratios(_joined(con, clients, id, parts), say)


@dataclass(frozen=True)
class Part:
    """(clients with rows, 1 + features) of one pass, and which of the features are counts."""

    table: ibis.Table
    counts: frozenset[str]


def _usable(tables: Tables, say: Say) -> dict[str, ibis.Table]:
    """The cleaned rows of the clients, by table, with a line about everything that is not there.

    A table that has rows, but none of these clients, is there: their counts are 0.
    """
    usable = {}
    for name in HISTORY:
        if name not in tables.history:
            say(f"{name}: absent, its features are left out")
            continue
        table = tables.history[name]
        with reading(name):
            empty = table.limit(1).count().to_pyarrow().as_py() == 0
        if empty:
            say(f"{name}: empty, its features are left out")
            continue
        if lacking := [column for column in kinds(name) if column not in table.columns]:
            say(f"{name}: no column {', '.join(lacking)}, the features made of it are left out")
        usable[name] = clean(name, rows_of_clients(tables, name))
    return usable


def _family(
    con: Any, family: Family, history: dict[str, ibis.Table], ids: ibis.Table, say: Say
) -> list[Part]:
    """The passes of one family, each computed and kept."""
    if family.table not in history:
        return []
    id = ids.columns[0]
    start, parts, features = time.monotonic(), [], 0
    for passed in family.passes:
        if not {id, *passed.needs.split()} <= {*history[family.table].columns}:
            continue
        table = aggregate(family.prefix, passed, passed.rows(history), id)
        kept = keep(con, family.table, aligned(con, ids, table, id))
        parts.append(Part(kept, family.counts() & {*kept.columns}))
        features += len(kept.columns) - 1
    say(f"{family.table}: {features} features in {time.monotonic() - start:.1f} s")
    return parts


def _monthly(con: Any, history: dict[str, ibis.Table], say: Say) -> dict[str, ibis.Table]:
    """`history` with bureau_balance brought to one row per credit."""
    balance = history.get("bureau_balance")
    if balance is None or not {*kinds("bureau_balance")} <= {*balance.columns}:
        return history
    start = time.monotonic()
    months = keep(con, "bureau_balance", bureau.monthly(balance))
    say(f"bureau_balance: summed up by credit in {time.monotonic() - start:.1f} s")
    return {**history, bureau.MONTHLY: months}


def _joined(con: Any, clients: ibis.Table, id: str, parts: Iterable[Part]) -> ibis.Table:
    """The clients with every part beside them, and the counts of clients without rows at 0."""
    parts = tuple(parts)
    table = beside(con, clients, [part.table for part in parts], id)
    counts = {name: ibis._[name].fill_null(0) for part in parts for name in part.counts}
    return table.mutate(**counts)


def _with_ratios(table: ibis.Table, say: Say) -> ibis.Table:
    """Beside them the ratios of features, and those of the application to features."""
    for expressions in RATIOS:
        table = table.mutate(**resolved(table, expressions))
    if left := len(DECLARED) - len(history_columns(table.columns)):
        say(f"{left} of {len(DECLARED)} history features are left out")
    return table


def made_of(built: pa.Table, columns: Iterable[str]) -> set[str]:
    """The features of a built table (of any number of rows) that are computed from `columns`."""
    rest = ibis.memtable(built.drop_columns([*columns]))
    made: set[str] = set()
    for expressions in RATIOS:
        lost = set(expressions) & {*rest.columns} - {*resolved(rest, expressions)}
        rest, made = rest.drop(*lost) if lost else rest, made | lost
    return made
