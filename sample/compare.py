"""Measures of generated tables held against the published ones."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from sample.errors import SampleError
from sample.facts import Column, Facts

QUARTERS = ("quarter", "median", "three quarters")
SQL_TYPES = {"int64": "BIGINT", "double": "DOUBLE", "string": "VARCHAR"}
STATISTICS = {
    "MIN": "min({})",
    "MAX": "max({})",
    "MEAN": "avg({})",
    "SUM": "coalesce(sum({}), 0)",
    "VAR": "var_samp({})",
}
"""A sum over no value is 0, every other statistic of none is missing: so the published ones are."""
PREFIXES = {
    "BURO": ("bureau", "true"),
    "ACTIVE": ("bureau", "CREDIT_ACTIVE = 'Active'"),
    "CLOSED": ("bureau", "CREDIT_ACTIVE = 'Closed'"),
    "PREV": ("previous_application", "true"),
    "APPROVED": ("previous_application", "NAME_CONTRACT_STATUS = 'Approved'"),
    "REFUSED": ("previous_application", "NAME_CONTRACT_STATUS = 'Refused'"),
    "POS": ("POS_CASH_balance", "true"),
    "INSTAL": ("installments_payments", "true"),
    "CC": ("credit_card_balance", "true"),
}
"""The table and the rows that the published aggregates per client are of, by how they begin."""


@dataclass(frozen=True)
class Gap:
    """One measure of one column; `size` is 0 where found is as published, about 1 where far off,
    infinite where nothing was found."""

    table: str
    column: str
    measure: str
    published: float
    found: float
    size: float


def open_tables(folder: Path, facts: Facts) -> duckdb.DuckDBPyConnection:
    """A DuckDB database of the tables in a folder, Parquet or CSV. Raises SampleError."""
    tables = duckdb.connect()
    for name, table in facts.tables.items():
        path = next(
            (p for p in (folder / f"{name}.{e}" for e in ("parquet", "csv")) if p.exists()), None
        )
        if path is None:
            raise SampleError(
                f"{folder} holds no {name} (looked for {name}.parquet and {name}.csv)"
            )
        if path.suffix == ".parquet":
            tables.read_parquet(str(path)).create_view(name)
        else:
            types = {column.name: SQL_TYPES[column.type] for column in table.columns.values()}
            tables.read_csv(str(path), header=True, dtype=types).create(name)
    return tables


def gaps(tables: duckdb.DuckDBPyConnection, facts: Facts) -> Iterator[Gap]:
    """Every measure of tables, columns and clients."""
    (train,) = _row(tables, "SELECT count(*) FROM application_train")
    scale = train / facts.tables["application_train"].rows
    for name, table in facts.tables.items():
        (rows,) = _row(tables, f"SELECT count(*) FROM {name}")
        yield _relative(name, "", "rows", table.rows * scale, rows)
        if name != "application_test":  # its columns are those of train
            for column in table.columns.values():
                yield from _of_column(tables, name, column)
    yield from _of_clients(tables, facts)
    yield from _of_aggregates(tables)


def _of_column(tables: duckdb.DuckDBPyConnection, table: str, column: Column) -> Iterator[Gap]:
    name = column.name
    (missing,) = _row(tables, f'SELECT avg(("{name}" IS NULL)::INT) FROM {table}')
    yield _absolute(table, name, "missing", column.missing, missing)
    if column.shares:
        rows = tables.sql(
            f'SELECT "{name}"::VARCHAR, count(*) / sum(count(*)) OVER () FROM {table}'
            f' WHERE "{name}" IS NOT NULL GROUP BY 1'
        ).fetchall()
        found: dict[str, float] = dict(rows)
        for category in sorted(column.shares, key=lambda k: -column.shares[k])[:5]:
            there, here = column.shares[category], found.get(category, 0.0)
            yield _absolute(table, name, f"share of {category}", there, here)
    elif column.mean is not None and column.quartiles is not None:
        low, _, high = column.quartiles
        spread = max(high - low, abs(column.mean)) if high > low else column.std
        centres = _row(tables, f"SELECT {_centres(name)} FROM {table}")
        yield from _centre_gaps(table, name, (column.mean, *column.quartiles), centres, spread)


def _of_clients(tables: duckdb.DuckDBPyConnection, facts: Facts) -> Iterator[Gap]:
    """Coverage and rows per client."""
    both = (
        "SELECT SK_ID_CURR FROM application_train UNION ALL SELECT SK_ID_CURR FROM application_test"
    )
    (clients,) = _row(tables, f"SELECT count(*) FROM ({both})")
    for name, coverage in facts.coverage.items():
        source = name
        if name == "bureau_balance":
            source = "bureau_balance JOIN bureau USING (SK_ID_BUREAU)"
        counts = f"SELECT SK_ID_CURR, count(*) AS n FROM {source} GROUP BY 1"
        covered, mean, *quartiles = _row(
            tables, f"SELECT count(*), {_centres('n')} FROM ({counts})"
        )
        yield _absolute(name, "SK_ID_CURR", "coverage", coverage, covered / clients)
        rows = facts.rows_per_client.get(name)
        if rows is not None and rows.mean is not None:
            yield _relative(name, "SK_ID_CURR", "rows per client", rows.mean, mean)
            for label, there, here in zip(QUARTERS, rows.quartiles or (), quartiles, strict=False):
                yield _relative(name, "SK_ID_CURR", f"rows per client, {label}", there, here)


def _of_aggregates(tables: duckdb.DuckDBPyConnection) -> Iterator[Gap]:
    """Mean and quartiles over the clients of each published aggregate, whose name says what it is:
    ACTIVE_DAYS_CREDIT_MEAN is the mean DAYS_CREDIT of a client's active credits."""
    text = files(__package__).joinpath("aggregates.json").read_text(encoding="utf-8")
    published: dict[str, tuple[float, float, float, float, float]] = json.loads(text)
    for prefix, (table, rows) in PREFIXES.items():
        sql = {}
        for name in (name for name in published if name.startswith(f"{prefix}_")):
            column, _, statistic = name.removeprefix(f"{prefix}_").rpartition("_")
            sql[name] = STATISTICS[statistic].format(f'"{column}"')
        values = ", ".join(f'{value} AS "{name}"' for name, value in sql.items())
        by_client = f"SELECT {values} FROM {table} WHERE {rows} GROUP BY SK_ID_CURR"
        found = _row(tables, f"SELECT {', '.join(map(_centres, sql))} FROM ({by_client})")
        for place, name in enumerate(sql):
            mean, std, *quartiles = published[name]
            here = found[4 * place : 4 * place + 4]
            spread = next((s for s in (std, quartiles[2] - quartiles[0]) if s > 0), 1.0)
            yield from _centre_gaps("per client", name, (mean, *quartiles), here, spread)


def _centres(name: str) -> str:
    """SQL of the mean and the quartiles of a column."""
    quartiles = (f'quantile_cont("{name}", {part})' for part in (0.25, 0.5, 0.75))
    return ", ".join((f'avg("{name}")', *quartiles))


def _row(tables: duckdb.DuckDBPyConnection, query: str) -> list[float]:
    """The only row of a query's result, in floats; null is NaN."""
    (row,) = tables.sql(query).fetchall()
    return [float("nan") if value is None else float(value) for value in row]


def _centre_gaps(table: str, column: str, there: Any, here: Any, spread: float) -> Iterator[Gap]:
    for label, published, found in zip(("mean", *QUARTERS), there, here, strict=True):
        size = abs(found - published) / spread
        yield Gap(table, column, label, published, found, size if size == size else float("inf"))


def _absolute(table: str, column: str, measure: str, published: float, found: float) -> Gap:
    return Gap(table, column, measure, published, found, abs(found - published) * 4)


def _relative(table: str, column: str, measure: str, published: float, found: float) -> Gap:
    return Gap(table, column, measure, published, found, abs(found - published) / published)
