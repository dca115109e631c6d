"""Measures of generated tables held against the published ones."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sample.facts import Column, Facts, Table
from sample.tables import Tables

QUARTERS = ("quarter", "median", "three quarters")


@dataclass(frozen=True)
class Gap:
    """One measure of one column; `size` is 0 where found is as published, about 1 where far off."""

    table: str
    column: str
    measure: str
    published: float
    found: float
    size: float


def gaps(tables: Tables, facts: Facts) -> Iterator[Gap]:
    """Every measure of every table but application_test, whose columns are those of train."""
    (train,) = tables.row(f"SELECT count(*) FROM {tables.source('application_train')}")
    scale = train / facts.tables["application_train"].rows
    for name, table in facts.tables.items():
        source = tables.source(name)
        (rows,) = tables.row(f"SELECT count(*) FROM {source}")
        yield _relative(name, "", "rows", table.rows * scale, rows)
        if name != "application_test":
            for column in table.columns.values():
                yield from _column_gaps(tables, source, table, column)
    yield from _client_gaps(tables, facts)


def _column_gaps(tables: Tables, source: str, table: Table, column: Column) -> Iterator[Gap]:
    name = f'"{column.name}"'
    (missing,) = tables.row(f"SELECT avg(({name} IS NULL)::INT) FROM {source}")
    yield _absolute(table.name, column.name, "missing", column.missing, missing)
    if column.shares:
        yield from _category_gaps(tables, source, table, column)
    elif column.mean is not None and column.quartiles is not None:
        yield from _number_gaps(tables, source, table, column)


def _number_gaps(tables: Tables, source: str, table: Table, column: Column) -> Iterator[Gap]:
    name = f'"{column.name}"'
    ((mean, quartiles),) = tables.rows(
        f"SELECT avg({name}), quantile_cont({name}, [0.25, 0.5, 0.75]) FROM {source}"
    )
    mean, *quartiles = (math.nan if v is None else v for v in (mean, *(quartiles or [None] * 3)))
    assert column.mean is not None
    assert column.quartiles is not None
    low, _, high = column.quartiles
    spread = max(high - low, abs(column.mean)) if high > low else column.std
    yield Gap(table.name, column.name, "mean", column.mean, mean, abs(mean - column.mean) / spread)
    for label, published, found in zip(QUARTERS, column.quartiles, quartiles, strict=True):
        yield Gap(table.name, column.name, label, published, found, abs(found - published) / spread)


def _category_gaps(tables: Tables, source: str, table: Table, column: Column) -> Iterator[Gap]:
    name = f'"{column.name}"'
    rows = tables.rows(
        f"SELECT {name}, count(*) / sum(count(*)) OVER () FROM {source} "
        f"WHERE {name} IS NOT NULL GROUP BY 1"
    )
    found: Mapping[str, float] = {str(k): float(v) for k, v in rows}
    top = sorted(column.shares, key=lambda k: -column.shares[k])[:5]
    for category in top:
        yield _absolute(
            table.name,
            column.name,
            f"share of {category}",
            column.shares[category],
            found.get(category, 0.0),
        )


def _client_gaps(tables: Tables, facts: Facts) -> Iterator[Gap]:
    """Coverage and rows per client."""
    (clients,) = tables.row(
        f"SELECT (SELECT count(*) FROM {tables.source('application_train')}) "
        f"+ (SELECT count(*) FROM {tables.source('application_test')})"
    )
    for name, coverage in facts.coverage.items():
        source = tables.source(name)
        if name == "bureau_balance":
            parents = tables.source("bureau")
            source = f"(SELECT SK_ID_CURR FROM {source} JOIN {parents} USING (SK_ID_BUREAU))"
        covered, mean, *quartiles = tables.row(
            "SELECT count(*), avg(n), quantile_cont(n, 0.25), quantile_cont(n, 0.5), "
            f"quantile_cont(n, 0.75) FROM (SELECT count(*) AS n FROM {source} GROUP BY SK_ID_CURR)"
        )
        yield _absolute(name, "SK_ID_CURR", "coverage", coverage, covered / clients)
        rows = facts.rows_per_client.get(name)
        if rows is None or rows.mean is None:
            continue
        yield _relative(name, "SK_ID_CURR", "rows per client", rows.mean, mean)
        for label, published, found in zip(QUARTERS, rows.quartiles or (), quartiles, strict=False):
            yield _relative(name, "SK_ID_CURR", f"rows per client, {label}", published, found)


def _absolute(table: str, column: str, measure: str, published: float, found: float) -> Gap:
    return Gap(table, column, measure, published, found, abs(found - published) * 4)


def _relative(table: str, column: str, measure: str, published: float, found: float) -> Gap:
    return Gap(table, column, measure, published, found, abs(found - published) / published)
