"""Answers to a CSV or Parquet file, batch by batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from train.data.sources import ENDINGS
from train.score.errors import UnknownOutput


def output_ending(out: str) -> str:
    """The ending by which `out` says its format. Raises UnknownOutput."""
    for ending in ENDINGS:
        if out.lower().rstrip("/").endswith(ending):
            return ending
    raise UnknownOutput(out)


@contextmanager
def writer(path: Path, ending: str, schema: pa.Schema) -> Iterator[Any]:
    """What writes record batches to `path` in the format of `ending`; floats to their last bit."""
    if ending == ".parquet":
        with pa.parquet.ParquetWriter(path, schema, compression="zstd") as parquet:
            yield parquet
        return
    compression = "gzip" if ending == ".csv.gz" else None
    with (
        pa.output_stream(path, compression=compression) as stream,
        pa.csv.CSVWriter(stream, schema) as csv,
    ):
        yield csv
