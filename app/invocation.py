"""Bodies of MLflow's own protocol: how large the table in them is, before MLflow makes one of it.

A small body can state a large table: rows that lack columns are filled up, columns that lack rows
too, and what is packed unpacks. So rows and columns are counted first; all else MLflow judges.
"""

from typing import Any

from app.csv_shape import csv_shape
from app.duplicates import check_keys
from app.errors import (
    NotJson,
    TooManyColumns,
    TooManyRows,
    UnpacksTooLarge,
    UnreadableInput,
)
from app.json_shape import json_shape
from app.parquet_shape import parquet_shape
from app.payload import MAX_DEPTH, check_parts, check_texts, parse_json
from app.shape import MAX_COLUMNS, Shape
from app.thrift import NotThrift

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"

UNPACKED_TIMES = 16
"""How much larger than the largest body a Parquet table may be."""

OTHERS = frozenset({"messages", "prompt", "input"})
"""Keys by which MLflow takes a body for a conversation with a language model."""


def check_invocation(body: bytes, content_type: str, max_rows: int, max_bytes: int) -> int | None:
    """The number of rows, as far as it can be told; for a dict of columns the longest one's.

    Raises NotJson, UnreadableInput, TooManyParts, TooManyRows, TooManyColumns and UnpacksTooLarge.
    """
    shape = _shape(body, content_type, max_rows)
    if shape is None:
        return None
    if shape.rows > max_rows:
        raise TooManyRows(max_rows)
    if shape.columns > MAX_COLUMNS:
        raise TooManyColumns(MAX_COLUMNS)
    if shape.unpacked > UNPACKED_TIMES * max_bytes:
        raise UnpacksTooLarge(UNPACKED_TIMES * max_bytes)
    return shape.rows


def _shape(body: bytes, content_type: str, max_rows: int) -> Shape | None:
    if content_type == CSV:
        if b"\0" in body:
            raise UnreadableInput
        return csv_shape(body)
    if content_type == PARQUET:
        try:
            return parquet_shape(body)
        except NotThrift as error:
            raise UnreadableInput from error
    return _json_shape(body, max_rows)


def _json_shape(body: bytes, max_rows: int) -> Shape | None:
    check_parts(body, max_rows)
    payload = parse_json(body)
    check_texts(body)
    check_keys(body, _keys(payload))
    if not isinstance(payload, dict):
        return None
    if not OTHERS.isdisjoint(payload):
        raise UnreadableInput
    return json_shape(payload)


def _keys(payload: Any) -> int:
    """How many keys all objects have. Raises NotJson if they nest too deep for MLflow's reader."""
    keys, level = 0, [payload] if isinstance(payload, dict | list) else []
    for _ in range(MAX_DEPTH):
        keys += sum(len(one) for one in level if isinstance(one, dict))
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return keys
    raise NotJson(f"more than {MAX_DEPTH} levels of nesting")
