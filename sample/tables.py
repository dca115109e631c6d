"""Generated tables, read through DuckDB."""

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

import duckdb

from sample.errors import SampleError
from sample.facts import Facts

SQL_TYPES = {"int64": "BIGINT", "double": "DOUBLE", "string": "VARCHAR"}


class Tables:
    """Generated tables in a folder, Parquet or CSV, read through DuckDB."""

    def __init__(self, folder: Path, facts: Facts, memory: str | None = None) -> None:
        """`memory` ("4GB") bounds what DuckDB uses before it spills; raises SampleError."""
        self._folder, self._facts = folder, facts
        spill = tempfile.mkdtemp(prefix="credit-scoring-")
        weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        settings = {"temp_directory": spill} | ({"memory_limit": memory} if memory else {})
        try:
            self._engine = duckdb.connect(config=settings)
        except duckdb.Error as e:
            raise SampleError(f"cannot read with --memory {memory}: {_first_line(e)}") from e
        self._parsed: set[str] = set()

    def source(self, table: str) -> str:
        """The SQL expression that reads a table; raises SampleError where there is none.

        CSV is parsed once, at its first use, instead of for every query.
        """
        parquet, csv = (self._folder / f"{table}.{format_}" for format_ in ("parquet", "csv"))
        if parquet.exists():
            return f"read_parquet({_quoted(str(parquet))})"
        if csv.exists():
            if table not in self._parsed:
                columns = self._facts.tables[table].columns.values()
                types = ", ".join(f"{_quoted(c.name)}: '{SQL_TYPES[c.type]}'" for c in columns)
                options = f"header = true, columns = {{{types}}}"
                self.keep(table, f"SELECT * FROM read_csv({_quoted(str(csv))}, {options})")
                self._parsed.add(table)
            return table
        raise SampleError(
            f"{self._folder} holds no {table} (looked for {table}.parquet and {table}.csv)"
        )

    def row(self, query: str) -> tuple[float, ...]:
        """The only row of a query's result, in floats; null is NaN."""
        rows = self.rows(query)
        return tuple(float("nan") if v is None else float(v) for v in rows[0])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query's result; raises SampleError."""
        try:
            found: list[tuple[Any, ...]] = self._engine.execute(query).fetchall()
        except duckdb.Error as e:
            raise SampleError(f"cannot read {self._folder}: {_first_line(e)}") from e
        return found

    def keep(self, name: str, query: str) -> None:
        """A query's result as a temporary table, which spills like any other."""
        self.rows(f"CREATE TEMP TABLE {name} AS {query}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return f"{error}".strip().partition("\n")[0].removesuffix(".")
