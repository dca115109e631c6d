"""From batches of clients to batches of answers, one batch in memory at a time."""

import json
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.errors import InvalidRows, Problem
from train.errors import EmptyTable, TrainError
from train.options import Scoring
from train.registry.loaded_model import Scorer
from train.scoring.clients import Clients

MAX_SHOWN = 40
"""Characters of an offending value that a message quotes."""


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
