"""Request bodies, as bytes, to what the scorer takes. Knows nothing of HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from app.errors import InvalidClients, NoClients, NotJson, TooManyRows
from scoring_model.errors import Problem

Record = dict[str, Any]
Id = int | str

MAX_DEPTH = 32
"""Levels of nesting; Python's own JSON reader, which MLflow uses, fails near a thousand."""

AN_OBJECT = "an object of column names and values"
AN_ID = "an id: a whole number of at most 64 bits, or a text that is not empty"


@dataclass(frozen=True)
class Clients:
    """The records to score, and the id of each as it was sent."""

    ids: list[Id]
    records: list[Record]


def parse_json(body: bytes) -> Any:
    """Strict JSON in UTF-8: no NaN, no number beyond float64, no lone surrogate.

    Raises NotJson saying where, without quoting the body.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJson(str(error)) from error


def read_clients(body: bytes, id_column: str, max_rows: int) -> Clients:
    """Raises NotJson, NoClients, TooManyRows, and InvalidClients naming rows."""
    rows = _rows(parse_json(body))
    if len(rows) > max_rows:
        raise TooManyRows(max_rows)
    if b"\\u0000" in body:  # numpy, on the way to the model, would cut it off
        raise NotJson("a text contains a NUL character")
    problems = list(_problems(rows, id_column))
    if problems:
        raise InvalidClients(problems)
    return Clients([row[id_column] for row in rows], [_flat(row) for row in rows])


def check_invocation(body: bytes, max_rows: int) -> int | None:
    """The number of rows in a JSON body of MLflow's protocol, as far as it can be told.

    Raises NotJson and TooManyRows; all else is for MLflow to judge.
    """
    payload = parse_json(body)
    if _too_deep(payload):
        raise NotJson(f"more than {MAX_DEPTH} levels of nesting")
    rows = _count(payload)
    if rows is not None and rows > max_rows:
        raise TooManyRows(max_rows)
    return rows


def _rows(payload: Any) -> list[Any]:
    if not isinstance(payload, dict) or "data" not in payload:
        raise NoClients("there is no data")
    data = payload["data"]
    if isinstance(data, dict):
        return [data]
    if not isinstance(data, list):
        raise NoClients("data is neither an object nor a list")
    if not data:
        raise NoClients("data is empty")
    return data


def _problems(rows: list[Any], id_column: str) -> Iterator[Problem]:
    """Ids are compared as text, because that is how they become keys of the answer."""
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            yield Problem(number, None, AN_OBJECT)
        elif not _is_id(row.get(id_column)):
            yield Problem(number, id_column, AN_ID)
        elif (first := seen.setdefault(str(row[id_column]), number)) != number:
            yield Problem(number, id_column, f"an id of its own, not that of row {first}")


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


def _flat(row: Record) -> Record:
    """No column takes a nested value, and MLflow stumbles over ragged ones before the model
    can say so; the model refuses an empty list just as well, and ignores it elsewhere."""
    if not any(type(value) is list or type(value) is dict for value in row.values()):
        return row
    return {name: [] if isinstance(value, list | dict) else value for name, value in row.items()}


def _too_deep(payload: Any) -> bool:
    level = [payload] if isinstance(payload, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _count(payload: Any) -> int | None:
    """Rows of one of MLflow's JSON formats; a dict of columns has as many as its longest."""
    if not isinstance(payload, dict):
        return None
    split = payload.get("dataframe_split")
    rows = split.get("data") if isinstance(split, dict) else None
    for name in ("inputs", "instances", "dataframe_records"):
        rows = payload.get(name, rows)
    if isinstance(rows, dict):
        return max((len(values) for values in rows.values() if isinstance(values, list)), default=1)
    return len(rows) if isinstance(rows, list) else None
