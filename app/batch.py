"""`credit-scoring ledger score`: scores a file of clients, and keeps each decision in the database.

The id of a decision follows from file, model and row: after an interruption, the same command again
keeps what is missing, and nothing twice.
"""

import argparse
import csv
import hashlib
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import orjson

from app.errors import FATAL, CannotStart
from app.model_store import local_copy
from app.recording import COMPLETE, decision_of
from app.requests import AN_ID, Record, is_id
from app.scorer import InProcess, scoring_params
from app.settings import Settings
from ledger.database import Database, connect
from ledger.decision import Decision, row_id
from ledger.errors import LedgerError
from ledger.writing import begin, kept, write
from scoring_model.errors import InvalidRows, Problem, ScoringError

CHUNK = 500
"""Clients scored at once, and decisions of one transaction."""

NOT_SCORED, WRONG = 1, 2


def read(path: Path, features: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
    """The clients of a file, with the values that JSON knows. Raises CannotStart, OSError and
    ValueError."""
    if path.suffix == ".parquet":
        from pyarrow.parquet import ParquetFile

        for batch in ParquetFile(path).iter_batches(CHUNK):
            yield from orjson.loads(orjson.dumps(batch.to_pylist(), default=float))  # decimals
    elif path.suffix == ".csv":
        by_name = {feature["name"]: feature for feature in features}
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                yield {name: _value(by_name.get(name), text) for name, text in row.items()}
    elif path.suffix == ".jsonl":
        with path.open("rb") as file:
            yield from map(orjson.loads, file)
    else:
        raise CannotStart(reason=f"{path.name} is not a .parquet, .csv or .jsonl file")


def _value(feature: Mapping[str, Any] | None, text: str | None) -> str | float | None:
    """A cell of a CSV file: a number where the model takes one, also for the position of a category
    unless the categories are numbers themselves; else the text."""
    if not text or feature is None:
        return text or None
    names = feature.get("categories", ())
    if {*names} == {"false", "true"}:
        return text.lower()
    is_text = any(map(str.isdecimal, names)) or feature.get("number_as_text")
    try:
        return text if is_text else float(text)
    except ValueError:  # a category or a date; if it is none, the model names it
        return text


def keep_file(
    path: Path, settings: Settings, scorer: InProcess, database: Database
) -> tuple[int, int, list[Problem]]:
    """How many decisions were kept, before and now, and the rows that cannot be scored."""
    model = scorer.model
    params = scoring_params(model, {}, settings.min_coverage, checks=True, more=COMPLETE)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    writer = str(uuid5(NAMESPACE_OID, f"{digest} {model.digest or model.version}"))
    started = begin(database, writer)
    before, now, problems = 0, 0, list[Problem]()
    clients = enumerate(read(path, model.features))
    while chunk := dict(islice(clients, CHUNK)):
        ids = {row: row_id(started, writer, row) for row in chunk}
        known = kept(database, ids.values())
        missing = {row: client for row, client in chunk.items() if ids[row] not in known}
        scored, invalid = _score(missing, scorer, params)
        decisions: list[Decision] = [
            decision_of(
                *(settings, model, missing[row], output),
                id=ids[row],
                request_id=f"{digest[:16]}:{row}",
            )
            for row, output in scored.items()
        ]
        write(database, writer, decisions)
        before, now, problems = before + len(known), now + len(decisions), problems + invalid
    return before, now, problems


def _score(
    clients: Mapping[int, Record], scorer: InProcess, params: Mapping[str, Any]
) -> tuple[dict[int, Record], list[Problem]]:
    """The model's output by row, without the rows that cannot be scored, and these."""
    id_column = scorer.model.id
    problems = [
        Problem(row, id_column, AN_ID)
        for row, client in clients.items()
        if not isinstance(client, dict) or not is_id(client.get(id_column))
    ]
    while rows := sorted(clients.keys() - {problem.row for problem in problems}):
        try:
            scored = scorer.score([clients[row] for row in rows], params)
            return dict(zip(rows, scored, strict=True)), problems
        except InvalidRows as error:  # which names some rows at a time
            problems += [replace(problem, row=rows[problem.row]) for problem in error.problems]
    return {}, problems


def main() -> int:
    """The exit code: 1 if rows cannot be scored, 2 where the command cannot do its work."""
    parser = argparse.ArgumentParser("credit-scoring ledger score", description=__doc__)
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="clients: .parquet, .csv, or .jsonl (one a line)"
    )
    parser.add_argument("--model", metavar="MODEL", help="a folder or MLflow URI, instead of MODEL")
    asked = parser.parse_args()
    try:
        settings = Settings.from_environ()
        settings = replace(settings, model=asked.model or settings.model)
        if settings.ledger is None:
            raise CannotStart(reason="DATABASE_URL is not set: no decisions are kept")
        with (
            tempfile.TemporaryDirectory() as scratch,
            closing(connect(settings.ledger)) as database,
        ):
            scorer = InProcess(local_copy(settings.model, Path(scratch), settings))
            before, now, problems = keep_file(asked.file, settings, scorer, database)
    except (*FATAL, LedgerError, ScoringError, OSError, ValueError) as error:
        print(f"credit-scoring: {error}", file=sys.stderr)
        return WRONG
    for problem in problems:
        column = f", column {problem.column}" if problem.column else ""
        print(f"row {problem.row}{column}: expected {problem.expected}", file=sys.stderr)
    not_scored = len({problem.row for problem in problems})
    print(f"{now} decisions kept, {before} were kept before, {not_scored} rows cannot be scored")
    return NOT_SCORED if problems else 0


if __name__ == "__main__":
    sys.exit(main())
