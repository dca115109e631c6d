"""Bodies of MLflow's own protocol: how large the table in them is, before MLflow makes one of it.

A small body can state a large table: rows that lack columns are filled up, columns that lack rows
too, what is packed unpacks, and texts are padded. So the table is measured first; all else MLflow
judges.
"""

from typing import Any, NamedTuple

import orjson

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
"""How much larger than the largest body a Parquet table, or texts once padded, may be."""

SMALL_BYTES = 50_000
"""Of a body that MLflow prints in a moment."""

OTHERS = frozenset({"messages", "prompt", "input"})
"""Keys by which MLflow takes a body for a conversation with a language model."""


class Invocation(NamedTuple):
    """The number of rows, as far as it can be told; for a dict of columns the longest one's.

    `params_alone` is a body with the same params and no clients, where those should be tried first:
    over params that it does not take, MLflow's scoring server prints all clients.
    """

    rows: int | None
    params_alone: bytes | None = None


def check_invocation(body: bytes, content_type: str, max_rows: int, max_bytes: int) -> Invocation:
    """Raises NotJson, UnreadableInput, TooManyParts, TooManyRows, TooManyColumns and
    UnpacksTooLarge."""
    payload = None
    if content_type == CSV:
        shape: Shape | None = _csv_shape(body)
    elif content_type == PARQUET:
        shape = _parquet_shape(body)
    else:
        payload = _read(body, max_rows)
        shape = json_shape(payload) if isinstance(payload, dict) else None
    if shape is None:
        return Invocation(None)
    _check_limits(shape, max_rows, UNPACKED_TIMES * max_bytes)
    return Invocation(shape.rows, _params_alone(payload, body))


def _check_limits(shape: Shape, max_rows: int, max_unpacked: int) -> None:
    if shape.rows > max_rows:
        raise TooManyRows(max_rows)
    if shape.columns > MAX_COLUMNS:
        raise TooManyColumns(MAX_COLUMNS)
    if shape.unpacked > max_unpacked:
        raise UnpacksTooLarge(max_unpacked)


def _params_alone(payload: Any, body: bytes) -> bytes | None:
    if len(body) <= SMALL_BYTES or payload is None or payload.get("params") is None:
        return None
    return orjson.dumps({"inputs": [], "params": payload["params"]})


def _csv_shape(body: bytes) -> Shape:
    if b"\0" in body:
        raise UnreadableInput
    return csv_shape(body)


def _parquet_shape(body: bytes) -> Shape:
    try:
        return parquet_shape(body)
    except NotThrift as error:
        raise UnreadableInput from error


def _read(body: bytes, max_rows: int) -> Any:
    check_parts(body, max_rows)
    payload = parse_json(body)
    check_texts(body)
    check_keys(body, _keys(payload))
    if isinstance(payload, dict) and not OTHERS.isdisjoint(payload):
        raise UnreadableInput
    return payload


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
