"""The whole way from a path of clients to a file of answers."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from scoring_model.errors import InvalidRows, Problem
from train.data.engines import stream, whole
from train.data.sources import ENDINGS
from train.errors import EmptyTable, TrainError
from train.options import Scoring
from train.registry import loaded_model
from train.registry.loaded_model import Fetched, Scorer
from train.scoring.clients import Clients, Say, open_clients

BATCH = 16_384
"""Clients in memory at once: their columns, and what the model makes of them, 630 columns wide take
some 300 MB."""

MAX_SHOWN = 40
"""Characters of an offending value that a message quotes."""

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


def schema(id: str, kind: pa.DataType, options: Scoring) -> pa.Schema:
    """The id as it came, solvency, threshold, decision, reasons if asked, and the model's version.

    Reasons are JSON text in every format: their values are numbers or text, which no column of a
    table can hold, and a later model may say more in them.
    """
    reasons = [("reasons", pa.string())] if options.reasons else []
    return pa.schema(
        [
            (id, kind),
            ("solvency", pa.float64()),
            ("threshold", pa.float64()),
            ("decision", pa.string()),
            *reasons,
            ("model_version", pa.string()),
        ]
    )


def answers(
    batches: Iterable[pa.RecordBatch], clients: Clients, scorer: Scorer, options: Scoring
) -> Iterator[pa.RecordBatch]:
    """A batch of `schema` for every batch, row for row. Raises TrainErrors naming the row."""
    start = 0
    for batch in batches:
        if batch.num_rows:
            yield _answer(batch, start, clients, scorer, options)
        start += batch.num_rows
    if not start:
        raise EmptyTable(clients.name)


def _answer(
    batch: pa.RecordBatch, start: int, clients: Clients, scorer: Scorer, options: Scoring
) -> pa.RecordBatch:
    ids = _ids(batch, start, clients)
    try:
        scored = scorer.predict(batch.select(clients.features).to_pandas(), options.params)
    except InvalidRows as e:
        raise _unreadable(e.problems[0], batch, start, clients.name) from e
    if options.reasons and "reasons" not in scored:
        raise TrainError(f"model {scorer.version} gives no reasons: leave out --reasons")
    wanted = schema(clients.id, ids.type, options)
    columns = [_column(scored, name, scorer.version) for name in wanted.names[1:]]
    return pa.record_batch([ids, *columns], schema=wanted)


def _ids(batch: pa.RecordBatch, start: int, clients: Clients) -> pa.Array:
    if clients.numbered:
        return pa.array(np.arange(start, start + batch.num_rows))
    ids = batch.column(clients.id)
    missing = pc.is_null(ids, nan_is_null=True)
    if (row := pc.index(missing, True).as_py()) >= 0:
        raise TrainError(f"row {start + row} of {clients.name} has no {clients.id}")
    return ids


def _column(scored: pd.DataFrame, name: str, version: str) -> pa.Array:
    if name == "model_version":
        return pa.repeat(version, len(scored))
    if name == "reasons":
        return pa.array([json.dumps(given, ensure_ascii=False) for given in scored[name]])
    return pa.Array.from_pandas(scored[name])


def _unreadable(problem: Problem, batch: pa.RecordBatch, start: int, table: str) -> TrainError:
    if problem.column is None:
        return TrainError(f"{table} has none of the model's columns")
    shown = repr(batch.column(problem.column)[problem.row].as_py())
    shown = shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "…"
    row = start + problem.row
    return TrainError(f"row {row}, column {problem.column}: {shown} is not {problem.expected}")
