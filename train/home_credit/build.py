"""One row per client: the application's raw columns, then what history says of the client."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from train.data.engines import aligned, beside, keep, reading
from train.data.tables import Tables
from train.home_credit.cleaning import clean
from train.home_credit.family import Family, aggregate, over, resolved
from train.home_credit.history import FAMILIES, MONTHLY, monthly
from train.home_credit.schema import HISTORY, kinds
from train.home_credit.tables import rows_of_clients

Say = Callable[[str], None]

# What is owed each month: this loan, the bureau's active credits and loans still running here. A
# client without the latter owes nothing on them.
INCOME = _.AMT_INCOME_TOTAL
BUREAU_ANNUITY = _.BUREAU_ACTIVE_ANNUITY_SUM.fill_null(0.0)
RUNNING_ANNUITY = _.PREV_RUNNING_ANNUITY_SUM.fill_null(0.0)
BUREAU_CREDIT = _.BUREAU_ACTIVE_CREDIT_SUM.fill_null(0.0)
BUREAU_DEBT = _.BUREAU_ACTIVE_DEBT_SUM.fill_null(0.0)
RUNNING_CREDIT = _.PREV_RUNNING_CREDIT_SUM.fill_null(0.0)
ACROSS: dict[str, Any] = {
    "ACROSS_ANNUITIES_TO_INCOME": over(_.AMT_ANNUITY + BUREAU_ANNUITY + RUNNING_ANNUITY, INCOME),
    "ACROSS_ACTIVE_CREDIT_TO_INCOME": over(BUREAU_CREDIT + RUNNING_CREDIT, INCOME),
    "ACROSS_ACTIVE_DEBT_TO_INCOME": over(BUREAU_DEBT, INCOME),
    "ACROSS_ALL_CREDIT_TO_INCOME": over(_.AMT_CREDIT + BUREAU_CREDIT + RUNNING_CREDIT, INCOME),
    "ACROSS_CREDIT_TO_ACTIVE_CREDIT": over(_.AMT_CREDIT, _.BUREAU_ACTIVE_CREDIT_SUM),
    "ACROSS_CREDIT_TO_BUREAU_CREDIT_MEAN": over(_.AMT_CREDIT, _.BUREAU_CREDIT_MEAN),
    "ACROSS_CREDIT_TO_BUREAU_CREDIT_MAX": over(_.AMT_CREDIT, _.BUREAU_CREDIT_MAX),
    "ACROSS_CREDIT_TO_APPROVED_MEAN": over(_.AMT_CREDIT, _.PREV_APPROVED_CREDIT_MEAN),
    "ACROSS_CREDIT_TO_APPROVED_MAX": over(_.AMT_CREDIT, _.PREV_APPROVED_CREDIT_MAX),
    "ACROSS_ANNUITY_TO_APPROVED_MEAN": over(_.AMT_ANNUITY, _.PREV_APPROVED_ANNUITY_MEAN),
    "ACROSS_ANNUITY_TO_APPROVED_MAX": over(_.AMT_ANNUITY, _.PREV_APPROVED_ANNUITY_MAX),
    "ACROSS_CREDIT_TO_REFUSED_MEAN": over(_.AMT_CREDIT, _.PREV_REFUSED_CREDIT_MEAN),
    "ACROSS_TERM_TO_APPROVED_MEAN": over(
        over(_.AMT_CREDIT, _.AMT_ANNUITY), _.PREV_APPROVED_TERM_MEAN
    ),
    "ACROSS_ANNUITY_TO_INSTALMENT_MEAN": over(_.AMT_ANNUITY, _.INSTAL_AMT_INSTALMENT_MEAN),
    "ACROSS_ANNUITY_TO_INSTALMENT_MAX": over(_.AMT_ANNUITY, _.INSTAL_AMT_INSTALMENT_MAX),
    "ACROSS_PAID_360D_TO_INCOME": over(_.INSTAL_AMT_PAYMENT_SUM_360D, INCOME),
    "ACROSS_CARD_BALANCE_TO_INCOME": over(_.CARD_BALANCE_MEAN_2M, INCOME),
    "ACROSS_CARD_LIMIT_TO_INCOME": over(_.CARD_LIMIT_MEAN, INCOME),
    "ACROSS_SHORTFALL_TO_INCOME": over(_.INSTAL_SHORTFALL_SUM, INCOME),
}
"""Families E and I: the present application held against the client's history."""
RATIOS: tuple[dict[str, Any], ...] = (
    {name: ratio for family in FAMILIES for name, ratio in family.ratios.items()},
    ACROSS,
)
"""Computed one after the other from the columns of one client's row."""
COUNTS = frozenset(name for family in FAMILIES for name in family.counts())
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
    con, id = tables.con, tables.id
    roles = [id] if tables.target is None else [id, tables.target]
    rest = [column for column in tables.application.columns if column not in roles]
    clients = tables.application.select(*roles, *rest)
    if not tables.home_credit:
        return clients
    clients = keep(con, "clients", aligned(con, None, clients, id))
    history, ids = _history(tables, say), clients.select(id)
    parts = [part for family in FAMILIES for part in _parts(con, family, history, ids, say)]
    table = beside(con, clients, parts, id)
    table = table.mutate(**{name: _[name].fill_null(0) for name in table.columns if name in COUNTS})
    for expressions in RATIOS:
        table = table.mutate(**resolved(table, expressions))
    if left := len(DECLARED) - len(history_columns(table.columns)):
        say(f"{left} of {len(DECLARED)} history features are left out")
    return table


def _history(tables: Tables, say: Say) -> dict[str, ibis.Table]:
    """The cleaned rows of the clients, by table, with a line about everything that is not there;
    bureau_balance brought to one row per credit.

    A table that has rows, but none of these clients, is there: their counts are 0.
    """
    history = {}
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
        table = clean(name, rows_of_clients(tables, name))
        if name != "bureau_balance":
            history[name] = table
        elif not lacking:
            start = time.monotonic()
            history[MONTHLY] = keep(tables.con, name, monthly(table))
            say(f"{name}: summed up by credit in {time.monotonic() - start:.1f} s")
    return history


def _parts(
    con: Any, family: Family, history: dict[str, ibis.Table], ids: ibis.Table, say: Say
) -> list[ibis.Table]:
    """The passes of one family, each computed and kept: (clients with rows, 1 + features)."""
    if family.table not in history:
        return []
    id, start, parts = ids.columns[0], time.monotonic(), []
    for passed in family.passes:
        if {id, *passed.needs} <= {*history[family.table].columns}:
            table = aggregate(family.prefix, passed, passed.rows(history), id)
            parts.append(keep(con, family.table, aligned(con, ids, table, id)))
    features = sum(len(part.columns) - 1 for part in parts)
    say(f"{family.table}: {features} features in {time.monotonic() - start:.1f} s")
    return parts


def made_of(built: pa.Table, columns: Iterable[str]) -> set[str]:
    """The features of a built table (of any number of rows) that are computed from `columns`."""
    rest = ibis.memtable(built.drop_columns([*columns]))
    made: set[str] = set()
    for expressions in RATIOS:
        lost = set(expressions) & {*rest.columns} - {*resolved(rest, expressions)}
        rest, made = rest.drop(*lost) if lost else rest, made | lost
    return made
