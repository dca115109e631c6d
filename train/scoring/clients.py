"""The clients to score: opened, and narrowed to the columns that the model looks at."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from scoring_model.contract import Contract
from train.data import sources
from train.data.columns import Say
from train.data.engines import connect, is_spark, reading
from train.data.sources import Kind, Source
from train.data.tables import ROW
from train.errors import EmptyTable, MissingColumn, MissingPath, TrainError
from train.home_credit.build import build
from train.home_credit.schema import CLIENT
from train.home_credit.tables import open_tables
from train.options import Scoring

TRUTH = {"false", "true"}


@dataclass(frozen=True)
class Clients:
    """Rows to score, not read yet: the column `id` unless rows are `numbered`, then `features`,
    the contract's columns that are there. `rows` is their number where that is known beforehand.
    """

    con: Any
    table: ibis.Table
    name: str
    id: str
    numbered: bool
    features: list[str]
    rows: int | None


def open_clients(contract: Contract, options: Scoring, say: Say) -> Clients:
    """`options.data`: a CSV or Parquet file, or a folder of Home Credit tables (on Spark also a URL
    or `catalog:DATABASE`), whose history features are then built.

    The rows of a file keep their order; those of a folder are sorted by id on DuckDB. Where the
    contract's id is `row` and there is no such column, rows are numbered from 0.

    Raises TrainErrors.
    """
    place = options.data
    if place.lower().endswith(tuple(sources.ENDINGS)) and "://" not in place:
        if not Path(place).exists():
            raise MissingPath(place)
        source = sources.of_file(Path(place))
        is_csv, name = source.format == "csv", source.table
        con = connect(options.engine, options.memory, options.threads)
        table = sources.read(con, source, csv_kinds(source, contract) if is_csv else {})
        counted = None if is_csv else table
    else:
        tables = open_tables(
            place,
            memory=options.memory,
            threads=options.threads,
            application=options.table,
            engine=options.engine,
        )
        name, con, table, counted = (
            options.table,
            tables.con,
            build(tables, say),
            tables.application,
        )
    rows = None
    if counted is not None:
        with reading(name):
            rows = counted.count().to_pyarrow().as_py()
    return _narrowed(con, table, name, contract, rows)


def _narrowed(
    con: Any, table: ibis.Table, name: str, contract: Contract, rows: int | None
) -> Clients:
    """Only what the contract names is read, and the file's own words for truth are the model's."""
    numbered = contract.id not in table.columns and contract.id.rstrip("_") == ROW
    if numbered and is_spark(con):
        raise TrainError(f"{name} on Spark needs a column {contract.id} that names its rows")
    if not numbered and contract.id not in table.columns:
        raise MissingColumn(name, contract.id, table.columns)
    if rows == 0:
        raise EmptyTable(name)
    found = {f.name: {*f.categories} for f in contract.features if f.name in table.columns}
    if not found:
        raise TrainError(f"{name} has none of the model's columns")
    columns = {
        column: table[column].lower()
        if categories == TRUTH and table[column].type().is_string()
        else table[column]
        for column, categories in found.items()
    }
    ids = {} if numbered else {contract.id: table[contract.id]}
    narrow = table.select(**ids, **columns)
    return Clients(con, narrow, name, contract.id, numbered, [*found], rows)


LOOKED_AT = 20_480
"""First rows that tell whether ids are numbers, and categories names or positions."""

WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")


def csv_kinds(source: Source, contract: Contract) -> dict[str, Kind]:
    """{column: kind} of every column of a CSV file, of which only the first rows are read.

    A category is text, unless every value of it is a whole number and no category's name: then it
    came as its position. Columns that the contract does not name are text, which nobody looks at.
    Raises UnreadableTable.
    """
    con = connect("duckdb")
    with reading(source.table):
        texts = con.read_csv(source.path, all_varchar=True, header=True)
        coded = {f.name: f.categories for f in contract.features if f.kind == "category"}
        looked_at = [name for name in (contract.id, *coded) if name in texts.columns]
        found = texts.select(looked_at).limit(LOOKED_AT).to_pyarrow() if looked_at else {}
    kinds: dict[str, Kind] = dict.fromkeys(texts.columns, "text")
    kinds |= {
        f.name: "text" if f.number_as_text or f.days_from else "number"
        for f in contract.features
        if f.name in kinds
    }
    for name in looked_at:
        kinds[name] = _kind(found[name].unique().to_pylist(), coded.get(name, ()))
    if contract.id == CLIENT and CLIENT in kinds:
        kinds[CLIENT] = "integer"
    return kinds


def _kind(texts: Collection[str | None], categories: Collection[str]) -> Kind:
    known = {text for text in texts if text is not None}
    whole = bool(known) and all(WHOLE.fullmatch(text) for text in known)
    return "integer" if whole and known.isdisjoint(categories) else "text"
