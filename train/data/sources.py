"""Where a table lies and how it is read: CSV or Parquet, a file, a folder of parts, a catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import ibis
import ibis.expr.datatypes as dt

from train.data.engines import is_spark, reading
from train.errors import TrainError

Kind = Literal["integer", "number", "text"]
Format = Literal["parquet", "csv", "catalog"]
# What a kind is read as from CSV. Integers take 64 bits, since the ids of another lender may.
TYPES: dict[Kind, str] = {"integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR"}
SPOKEN: dict[Kind, str] = {"integer": "numbers", "number": "numbers", "text": "text"}

CATALOG = "catalog:"
ENDINGS: dict[str, Format] = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}


@dataclass(frozen=True)
class Source:
    """One table: its name, what it is written in, and its path (or name in a catalogue).

    A local path is absolute: the JVM of a Spark session may stand in another folder.
    """

    table: str
    format: Format
    path: str


def of_file(path: Path) -> Source:
    """The single table that a file holds, by its ending. Raises TrainError."""
    for ending, format in ENDINGS.items():
        if path.name.lower().endswith(ending):
            return Source(path.name[: -len(ending)], format, str(path.absolute()))
    raise TrainError(f"{path} is neither a CSV (.csv, .csv.gz) nor a Parquet (.parquet) file")


def find(con: Any | None, place: str, table: str) -> Source | None:
    """A table of a folder, if there, Parquet before CSV; a folder of Parquet parts counts as a
    file. With a Spark backend `place` is a catalogue (`catalog:database`) or in object storage
    (`s3a://...`)."""
    if con is not None and place.startswith(CATALOG):
        name = f"{place.removeprefix(CATALOG)}.{table}"
        return Source(table, "catalog", name) if con._session.catalog.tableExists(name) else None
    for ending, format in ENDINGS.items():
        if con is not None:
            path = f"{place.rstrip('/')}/{table}{ending}"
            target = con._session._jvm.org.apache.hadoop.fs.Path(path)
            if target.getFileSystem(con._session._jsc.hadoopConfiguration()).exists(target):
                return Source(table, format, path)
            continue
        file = Path(place, f"{table}{ending}").absolute()
        if file.is_file() or (file.is_dir() and any(file.glob("*.parquet"))):
            return Source(table, format, str(file))
    return None


def read(con: Any, source: Source, known: Mapping[str, Kind]) -> ibis.Table:
    """The table, lazily, with its columns as they are called in the file.

    CSV columns in `known` are read as the kind stated there, the others as what all their rows
    have in common. Raises TrainErrors, also where a Parquet column is of another kind.
    """
    with reading(source.table):
        table = _open(con, source, known)
    for column, kind in known.items():
        if column in table.columns and not holds(table[column].type(), kind):
            place, found = f"{source.table}.{column}", table[column].type()
            raise TrainError(f"{place} should hold {SPOKEN[kind]} but holds {found}")
    return table


def _open(con: Any, source: Source, known: Mapping[str, Kind]) -> ibis.Table:
    name = f"raw_{source.table}"
    if source.format == "catalog":
        database, _, table = source.path.rpartition(".")
        return con.table(table, database=database)
    if source.format == "parquet":
        parts = Path(source.path)
        path = f"{parts}/*.parquet" if parts.is_dir() and not is_spark(con) else source.path
        return con.read_parquet(path, table_name=name)
    return (_csv_on_spark if is_spark(con) else _csv)(con, source.path, name, known)


def _csv(con: Any, path: str, name: str, known: Mapping[str, Kind]) -> ibis.Table:
    found = con.read_csv(path, table_name=f"{name}_header", all_varchar=True, header=True).columns
    types = {column: TYPES[known[column]] for column in found if column in known}
    # A type guessed from the first rows fails on a column that starts with many missing values.
    sample = -1 if len(types) < len(found) else 20_480
    return con.read_csv(
        path,
        table_name=name,
        types=types or None,
        header=True,
        sample_size=sample,
        # A column of yes and no stays text: a caller will send what the file says.
        auto_type_candidates=["BIGINT", "DOUBLE", "VARCHAR"],
    )


def _csv_on_spark(con: Any, path: str, name: str, known: Mapping[str, Kind]) -> ibis.Table:
    session = con._session
    spark = {"integer": "bigint", "number": "double", "text": "string"}
    frame = session.read.csv(path, header=True, escape='"', inferSchema=not known, mode="FAILFAST")
    if known:
        wanted = ", ".join(f"`{c}` {spark[known.get(c, 'text')]}" for c in frame.columns)
        frame = session.read.csv(path, header=True, escape='"', schema=wanted, mode="FAILFAST")
    frame.createOrReplaceTempView(name)
    return con.table(name)


def holds(found: dt.DataType, wanted: Kind) -> bool:
    """Whether values of the type `found` can stand where `wanted` is published.

    A column without a single value is written by some tools with the type null, and flags as
    booleans.
    """
    if isinstance(found, dt.Null):
        return True
    if wanted == "text":
        return isinstance(found, dt.String)
    return isinstance(found, dt.Numeric | dt.Boolean)
