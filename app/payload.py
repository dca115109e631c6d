"""Request bodies, as bytes, to what the scorer takes. Knows nothing of HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from app.duplicates import check_keys
from app.errors import InvalidClients, NoClients, NotJson, TooManyColumns, TooManyParts, TooManyRows
from app.shape import MAX_COLUMNS
from scoring_model.errors import Problem

Record = dict[str, Any]
Id = int | str

MAX_DEPTH = 32
"""Levels of nesting; Python's own JSON reader, which MLflow uses, fails near a thousand."""

PARTS_A_ROW = 10
"""Objects and lists for each of the most rows or columns: one is needed, the rest is ignored."""

NESTED = frozenset({list, dict})

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
    """Raises NotJson, NoClients, TooManyParts, TooManyRows, TooManyColumns, and InvalidClients
    naming rows."""
    check_parts(body, max_rows)
    rows = _rows(parse_json(body))
    if len(rows) > max_rows:
        raise TooManyRows(max_rows)
    check_texts(body)
    problems = list(_problems(rows, id_column))
    if problems:
        raise InvalidClients(problems)
    widest = max(map(len, rows))
    if widest > MAX_COLUMNS:
        raise TooManyColumns(MAX_COLUMNS)
    check_keys(body, 1 + sum(map(len, rows)))
    return Clients([row[id_column] for row in rows], [_flat(row) for row in rows])


def check_parts(body: bytes, max_rows: int) -> None:
    """Raises TooManyParts before millions of empty objects take thirty times their bytes.

    Brackets within texts count too, which no client has so many of.
    """
    limit = PARTS_A_ROW * max(max_rows, MAX_COLUMNS)
    if body.count(b"{") + body.count(b"[") > limit:
        raise TooManyParts(limit)


def check_texts(body: bytes) -> None:
    """Raises NotJson for a NUL character, at which numpy, on the way to the model, would cut."""
    if b"\\" in body and b"\\u0000" in body:  # the former is looked for ten times as fast
        raise NotJson("a text contains a NUL character")


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
    if NESTED.isdisjoint(map(type, row.values())):
        return row
    return {name: [] if isinstance(value, list | dict) else value for name, value in row.items()}
