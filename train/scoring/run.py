"""The whole way from a path of clients to a file of answers."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from train.data.engines import stream, whole
from train.data.sources import ENDINGS
from train.errors import TrainError
from train.options import Scoring
from train.registry import loaded_model
from train.registry.loaded_model import Fetched
from train.scoring.answers import answers
from train.scoring.clients import Clients, Say, open_clients

BATCH = 16_384
"""Clients in memory at once: their columns, and what the model makes of them, 630 columns wide take
some 300 MB."""

Progress = Callable[[int, int | None], None]


def score(options: Scoring, say: Say, progress: Progress) -> None:
    """Scores every client of `options.data` and writes `options.out`, which appears when whole.

    `progress` is called with the rows of each batch written, and of all batches if known. Raises
    TrainErrors.
    """
    ending = output_ending(options.out)
    with tempfile.TemporaryDirectory(prefix="credit-scoring-") as folder:
        model = loaded_model.fetch(options.model, Path(folder))
        clients = open_clients(model.contract, options, say)
        say(f"model version {model.version}, {len(clients.features)} of its columns found")
        if options.engine == "spark":
            from train.scoring.spark import score_on_spark

            score_on_spark(clients, model, options, ending)
        else:
            _score_here(clients, model, options, ending, progress)


def _score_here(
    clients: Clients, model: Fetched, options: Scoring, ending: str, progress: Progress
) -> None:
    scorer = loaded_model.load(model, options.threads)
    batches = stream(clients.con, clients.table, clients.name, BATCH)
    scored = answers(batches, clients, scorer, options)
    first = next(scored)
    with (
        whole(Path(options.out)) as part,
        writer(part, ending, first.schema) as out,
    ):
        for batch in chain([first], scored):
            out.write_batch(batch)
            progress(batch.num_rows, clients.rows)


def output_ending(out: str) -> str:
    """The ending by which `out` says its format. Raises TrainError."""
    for ending in ENDINGS:
        if out.lower().rstrip("/").endswith(ending):
            return ending
    raise TrainError(f"--out {out} must end in .csv, .csv.gz or .parquet")


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
