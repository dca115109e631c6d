"""The engines that read and aggregate: DuckDB inside this process, or Spark.

Everything here that is not the same on both stands in this module; the expressions are not.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import uuid
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from train.errors import TrainError, UnreadableTable, UnwritableFolder

Engine = Literal["duckdb", "spark"]

ROW_GROUP = 20_480
"""Rows that a Parquet writer holds in memory at once: 100 MB for 630 columns."""
WIDE = 200
"""Columns from which DuckDB's own writer takes twice the processor's time that pyarrow does, most
of it to look for repeated values in numbers. Narrow tables it writes with every core."""


def connect(engine: Engine, memory: str | None = None, threads: int | None = None) -> Any:
    """An Ibis backend.

    `memory` ("4GB") bounds DuckDB's memory, beyond which it spills to a folder of its own under
    the system's temporary one; for Spark it is the memory of a driver that is not running yet.
    `threads` bounds the cores; None leaves either to the engine. Raises TrainError.
    """
    return _spark(memory, threads) if engine == "spark" else _duckdb(memory, threads)


def is_spark(con: Any) -> bool:
    """Whether a backend is Spark."""
    return bool(con.name == "pyspark")


def _duckdb(memory: str | None, threads: int | None) -> Any:
    spill = tempfile.mkdtemp(prefix="credit-scoring-")
    settings = {"memory_limit": memory, "threads": threads, "temp_directory": spill}
    try:
        con = ibis.duckdb.connect(**{k: v for k, v in settings.items() if v is not None})
    except duckdb.Error as e:
        shutil.rmtree(spill, ignore_errors=True)
        raise TrainError(f"the engine refuses its settings: {_first_line(e)}") from e
    con.raw_sql("SET enable_progress_bar = false")  # it would print into what a caller pipes
    weakref.finalize(con, shutil.rmtree, spill, ignore_errors=True)
    return con


def _spark(memory: str | None, threads: int | None) -> Any:
    """The session that runs or is configured, else one on this machine that only it can reach."""
    try:
        from pyspark import SparkConf
        from pyspark.sql import SparkSession
    except ImportError as e:
        raise TrainError("--engine spark needs PySpark: pip install 'credit-scoring[spark]'") from e
    if (session := SparkSession.getActiveSession()) is None:
        builder = SparkSession.builder.appName("credit-scoring")
        if SparkConf().get("spark.master", None) is None:
            # Otherwise Python functions run in whatever `python3` comes first in PATH.
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = builder.config(map=_local_spark(memory, threads))
        session = builder.getOrCreate()
    return ibis.pyspark.connect(session)


def _local_spark(memory: str | None, threads: int | None) -> dict[str, str]:
    settings = {
        "spark.master": f"local[{threads or '*'}]",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "true",
        "spark.sql.shuffle.partitions": str(4 * (threads or 2)),
    }
    if memory is not None:  # the JVM writes 4GB as 4g
        settings["spark.driver.memory"] = memory.lower().removesuffix("b").replace(" ", "")
    return settings


def keep(con: Any, name: str, table: ibis.Table) -> ibis.Table:
    """`table` computed now and kept: in a temporary table on DuckDB, which spills like any other.

    Spark plans the whole job at once, so there it stays an expression.
    """
    if is_spark(con):
        return table
    with reading(name):
        return con.create_table(f"{name}_{uuid.uuid4().hex[:8]}", table, temp=True)


def aligned(con: Any, ids: ibis.Table | None, table: ibis.Table, id: str) -> ibis.Table:
    """`table` ready for `beside`: on DuckDB with exactly one row for each of `ids`, sorted by id.

    `ids` is None for the table that the others are to stand beside.
    """
    if is_spark(con):
        return table
    if ids is not None:
        # Written from the right, so that DuckDB builds its hash table of the ids alone.
        rest = {column: ibis._[column] for column in table.columns if column != id}
        table = table.right_join(ids, id).select(ibis._[f"{id}_right"].name(id), **rest)
    return table.order_by(id)


def beside(con: Any, left: ibis.Table, parts: Sequence[ibis.Table], id: str) -> ibis.Table:
    """`left` with the columns of every part for the same id; missing where a part has no such row.

    What was aligned needs no join on DuckDB: rows stand side by side as they are. A join by id of
    parts this wide holds them all in memory once more: for 300,000 clients and 500 columns 3.7 GB
    against 2.1, and with 2 GB over three minutes of spilling against 20 seconds.
    """
    columns = [*left.columns]
    for number, part in enumerate(parts):
        columns += [column for column in part.columns if column != id]
        part = part.rename({f"{id}_{number}": id})
        if is_spark(con):
            left = left.left_join(part, [(id, f"{id}_{number}")])
        else:
            left = left.join(part, how="positional")
    return left.select(*columns)


WRITTEN = "written"
"""Temporary view on Spark of the table that is being written."""


def write_parquet(con: Any, table: ibis.Table, out: str, what: str) -> None:
    """`table` as Parquet under the path `out`, where it appears only when it is whole.

    DuckDB writes one file, Spark a folder of part files (or under a URL, which it completes with
    _SUCCESS). `what` names the table in errors.
    """
    if "://" in out:
        with reading(what):
            con.create_view(WRITTEN, table, overwrite=True)  # ibis itself overwrites nothing
            con._session.table(WRITTEN).write.mode("overwrite").parquet(out)
        return
    with whole(Path(out)) as part, reading(what):
        if is_spark(con):
            con.to_parquet_dir(table, str(part.absolute()))
        elif len(table.columns) > WIDE:
            _write_wide(con, table, part)
        else:
            con.to_parquet(table, str(part), compression="zstd", row_group_size=ROW_GROUP)


def _write_wide(con: Any, table: ibis.Table, path: Path) -> None:
    """By pyarrow, one row group written while DuckDB makes the next."""
    reader = con.con.sql(con.compile(table)).to_arrow_reader(ROW_GROUP)
    texts = [field.name for field in reader.schema if pa.types.is_string(field.type)]
    with (
        pq.ParquetWriter(path, reader.schema, compression="zstd", use_dictionary=texts) as writer,
        ThreadPoolExecutor(1) as ahead,
    ):
        batch = ahead.submit(next, reader, None)
        while (rows := batch.result()) is not None:
            batch = ahead.submit(next, reader, None)
            writer.write_batch(rows)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A hidden path beside `path` to write to, which takes its place once the block has succeeded.

    Raises UnwritableFolder.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove(part)
        yield part
        remove(path)
        part.rename(path)
    except OSError as e:
        raise UnwritableFolder(path.parent, e.strerror or str(e)) from e
    finally:
        remove(part)


def stream(con: Any, table: ibis.Table, name: str, rows: int) -> Iterator[pa.RecordBatch]:
    """`table` in its order on DuckDB, at most `rows` rows at a time; raises UnreadableTable."""
    with reading(name):
        reader = con.con.sql(con.compile(table)).to_arrow_reader(rows)
    while True:
        with reading(name):
            batch = next(reader, None)
        if batch is None:
            return
        yield batch


def remove(path: Path) -> None:
    """Removes a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns an engine's error inside the block into a TrainError about `what`."""
    try:
        yield
    except TrainError:
        raise
    except duckdb.OutOfMemoryException as e:
        raise TrainError(f"{what} needs more memory (raise --memory): {_first_line(e)}") from e
    except Exception as e:
        sparks = type(e).__module__.partition(".")[0] in ("pyspark", "py4j")
        if not (sparks or isinstance(e, duckdb.Error)):
            raise
        raise UnreadableTable(what, _first_line(e)) from e


def _first_line(error: Exception) -> str:
    """What an engine says went wrong, without its advice and traces."""
    lines = [line.strip() for line in f"{error}".splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("Error when converting")]
    where = lines[0].rpartition(": ")[2] if told and "Line" in lines[0] else ""
    head = f"line {where}: {told[0]}" if where else (told or lines or [type(error).__name__])[0]
    return head.removesuffix(".")
