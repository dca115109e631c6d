"""`credit-scoring score`: decisions for a file or a folder of clients."""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from tqdm import tqdm

from scoring_model.errors import InvalidRows, Problem
from train.command import command, say
from train.data.engines import stream, whole
from train.data.sources import ENDINGS
from train.errors import EmptyTable, TrainError
from train.options import Scoring
from train.registry import loaded_model
from train.registry.loaded_model import Fetched, Predict
from train.scoring.clients import Clients, open_clients

BATCH = 16_384
"""Clients in memory at once: their columns, and what the model makes of them, 630 columns wide take
some 300 MB."""
MAX_SHOWN = 40
"""Characters of an offending value that a message quotes."""


@command("score")
def main(options: Scoring) -> None:
    """Scores every client of `options.data` and writes `options.out`, which appears when whole."""
    ending = output_ending(options.out)
    with tempfile.TemporaryDirectory(prefix="credit-scoring-") as folder:
        model = loaded_model.fetch(options.model, Path(folder))
        clients = open_clients(model.contract, options, say)
        say(f"model version {model.version}, {len(clients.features)} of its columns found")
        if options.engine == "spark":
            from train.scoring.spark import score_on_spark

            score_on_spark(clients, model, options, ending)
        else:
            _score_here(clients, model, options, ending)
    say(f"wrote {options.out}")


def _score_here(clients: Clients, model: Fetched, options: Scoring, ending: str) -> None:
    batches = stream(clients.con, clients.table, clients.name, BATCH)
    predict = loaded_model.load(model, options.threads)
    scored = answers(batches, clients, model, predict, options)
    first = next(scored)
    with (
        whole(Path(options.out)) as part,
        writer(part, ending, first.schema) as out,
        tqdm(total=clients.rows, unit=" clients", unit_scale=True, disable=None) as bar,
    ):
        for batch in chain([first], scored):
            out.write_batch(batch)
            bar.update(batch.num_rows)


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


def answers(
    batches: Iterable[pa.RecordBatch],
    clients: Clients,
    model: Fetched,
    predict: Predict,
    options: Scoring,
) -> Iterator[pa.RecordBatch]:
    """A batch of answers for every batch, row for row: the id as it came, solvency, threshold,
    decision, reasons if asked, and the model's version.

    Reasons are JSON text in every format: their values are numbers or text, which no column of a
    table can hold, and a later model may say more in them. Raises TrainErrors naming the row.
    """
    start = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        ids = _ids(batch, start, clients)
        try:
            scored = predict(batch.select(clients.features).to_pandas(), options.params)
        except InvalidRows as e:
            raise _unreadable(e.problems[0], batch, start, clients.name) from e
        columns = {
            clients.id: ids,
            "solvency": pa.array(scored["solvency"], pa.float64()),
            "threshold": pa.array(scored["threshold"], pa.float64()),
            "decision": pa.array(scored["decision"], pa.string()),
        }
        if options.reasons:
            if "reasons" not in scored:
                raise TrainError(f"model {model.version} gives no reasons: leave out --reasons")
            texts = [json.dumps(given, ensure_ascii=False) for given in scored["reasons"]]
            columns["reasons"] = pa.array(texts)
        columns["model_version"] = pa.repeat(model.version, len(scored))
        yield pa.RecordBatch.from_pydict(columns)
        start += batch.num_rows
    if not start:
        raise EmptyTable(clients.name)


def _ids(batch: pa.RecordBatch, start: int, clients: Clients) -> pa.Array:
    if clients.numbered:
        return pa.array(np.arange(start, start + batch.num_rows))
    ids = batch.column(clients.id)
    missing = pc.is_null(ids, nan_is_null=True)
    if (row := pc.index(missing, True).as_py()) >= 0:
        raise TrainError(f"row {start + row} of {clients.name} has no {clients.id}")
    return ids


def _unreadable(problem: Problem, batch: pa.RecordBatch, start: int, table: str) -> TrainError:
    if problem.column is None:
        return TrainError(f"{table} has none of the model's columns")
    shown = repr(batch.column(problem.column)[problem.row].as_py())
    shown = shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "…"
    row = start + problem.row
    return TrainError(f"row {row}, column {problem.column}: {shown} is not {problem.expected}")


if __name__ == "__main__":
    sys.exit(main())
