"""Tables to files: blocks in, one Parquet or CSV file per table out, named only when complete."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from sample.draw import Columns
from sample.errors import SampleError
from sample.facts import Table

Format = Literal["parquet", "csv"]
ROW_GROUP = 100_000  # rows held back until a row group is worth writing


def arrow(columns: Columns, table: Table) -> pa.Table:
    """The columns in the published order and types; NaN becomes null."""
    arrays = [_array(columns[field.name], field.type) for field in table.schema]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def _array(values: np.ndarray | pa.Array, type_: pa.DataType) -> pa.Array:
    if isinstance(values, np.ndarray):
        return pa.array(values + 0, from_pandas=True).cast(type_)  # no -0.0, and flags as 0 and 1
    return values.cast(type_)


class FileWriter:
    """One table's file, under a temporary name until `publish` is called."""

    def __init__(self, folder: Path, table: Table, format_: Format) -> None:
        self.path = folder / f"{table.name}.{format_}"
        self.partial = folder / f".{table.name}.{format_}.partial"
        self._pending: list[pa.Table] = []
        self._writer = (
            pq.ParquetWriter(self.partial, table.schema, compression="zstd")
            if format_ == "parquet"
            else pa_csv.CSVWriter(
                self.partial,
                table.schema,
                write_options=pa_csv.WriteOptions(quoting_style="needed"),
            )
        )

    def write(self, part: pa.Table) -> None:
        """Add rows; they reach the disk a row group at a time."""
        self._pending.append(part)
        if sum(p.num_rows for p in self._pending) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is pending and close the temporary file."""
        self._flush()
        self._writer.close()

    def publish(self) -> None:
        """Give the closed file its name."""
        self.partial.replace(self.path)

    def discard(self) -> None:
        """Remove the temporary file, if it has not got its name."""
        self.partial.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._pending:
            self._writer.write_table(pa.concat_tables(self._pending))
            self._pending = []


class FolderWriter:
    """All tables' files; they get their names together when the block ends without an error.

    Raises SampleError where the folder or the disk does not take them.
    """

    def __init__(self, folder: Path, tables: Mapping[str, Table], format_: Format) -> None:
        self._folder, self._tables, self._format = folder, tables, format_
        self._files: dict[str, FileWriter] = {}
        self._partial = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo, self._writable():
            self._folder.mkdir(parents=True, exist_ok=True)
            for name, table in self._tables.items():
                self._files[name] = FileWriter(self._folder, table, self._format)
                undo.callback(self._files[name].discard)
            self._partial = undo.pop_all()
        return self

    def write(self, parts: Mapping[str, pa.Table]) -> None:
        """Add one block's rows to every table."""
        with self._writable():
            for name, part in parts.items():
                self._files[name].write(part)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._partial, self._writable():
            if kind is None:
                for file in self._files.values():
                    file.close()
                for file in self._files.values():
                    file.publish()

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            raise SampleError(f"cannot write to {self._folder}: {e.strerror or e}") from e
