"""The whole way from a path of clients to a file of answers."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from train.data.engines import stream, whole
from train.data.sources import ENDINGS
from train.registry import loaded_model
from train.registry.loaded_model import Fetched
from train.scoring.answers import Wish, answers
from train.scoring.clients import Clients, Reading, Say, open_clients
from train.scoring.errors import UnknownOutput

BATCH = 16_384
"""Clients in memory at once: their columns, and what the model makes of them, 630 columns wide take
some 300 MB."""

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Request:
    """Whom to score, by which model, and where the answers go."""

    data: str
    out: str
    model: str
    wish: Wish
    how: Reading


def score(request: Request, say: Say, progress: Progress) -> None:
    """Scores every client of `request.data` and writes `request.out`, which appears when whole.

    `progress` is told the number of rows written by each batch, and of all rows if known. Raises
    TrainErrors.
    """
    ending = output_ending(request.out)
    with tempfile.TemporaryDirectory(prefix="credit-scoring-") as folder:
        model = loaded_model.fetch(request.model, Path(folder))
        clients = open_clients(request.data, model.contract, request.how, say)
        say(f"model version {model.version}, {len(clients.features)} of its columns found")
        if request.how.engine == "spark":
            from train.scoring.spark import score_on_spark

            score_on_spark(clients, model, request.wish, request.out, ending)
        else:
            _score_here(clients, model, request, ending, progress)


def _score_here(
    clients: Clients, model: Fetched, request: Request, ending: str, progress: Progress
) -> None:
    scorer = loaded_model.load(model, request.how.threads)
    batches = stream(clients.con, clients.table, clients.name, BATCH)
    scored = answers(batches, clients, scorer, request.wish)
    first = next(scored)
    with (
        whole(Path(request.out)) as part,
        writer(part, ending, first.schema) as out,
    ):
        for batch in chain([first], scored):
            out.write_batch(batch)
            progress(batch.num_rows, clients.rows)


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
