"""Columns that the user does not want the model to see."""

from collections.abc import Sequence
from dataclasses import replace

import ibis
import pyarrow as pa

from train.data.tables import Tables
from train.errors import MissingColumn


def without(tables: Tables, columns: Sequence[str]) -> Tables:
    """The tables less those of `columns` that the application has: nothing is then made of them."""
    there = [name for name in columns if name in _features(tables, tables.application)]
    return replace(tables, application=tables.application.drop(*there)) if there else tables


def check_excluded(tables: Tables, built: ibis.Table, columns: Sequence[str]) -> ibis.Table:
    """`built` less those of `columns` that it still has: aggregates of the history.

    `tables` are those that `without` was given. Raises MissingColumn for what is no feature at all.
    """
    known = [*_features(tables, tables.application), *_features(tables, built)]
    for name in columns:
        if name not in known:
            raise MissingColumn("the data", name, known)
    there = [name for name in columns if name in built.columns]
    return built.drop(*there) if there else built


def _features(tables: Tables, table: ibis.Table) -> list[str]:
    return [name for name in table.columns if name not in (tables.id, tables.target)]


def put_back(
    tables: Tables, origin: ibis.Table, table: pa.Table, columns: Sequence[str]
) -> pa.Table:
    """`table`, in the order of its ids, with those of `columns` that `origin` has: no feature to
    learn from, but groups to judge fairness by, and what an older model may ask for."""
    there = [name for name in columns if name in _features(tables, origin)]
    if not there:
        return table
    table = table.sort_by(tables.id)
    kept = origin.select(tables.id, *there).to_pyarrow().sort_by(tables.id)
    for name in there:
        table = table.append_column(name, kept[name])
    return table
