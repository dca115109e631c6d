"""From the body of a request to the clients that the model scores, within all limits.

`/predict` and `/predict_proba` take `{"data": [client, ...], "params": {...}}`; the formats of
`/invocations` are read by `app.tables`.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

import orjson

from app.context import JSON, Context
from app.errors import (
    Compressed,
    InvalidClients,
    InvalidParams,
    NoClients,
    NotJson,
    TooLarge,
    UnsupportedType,
)
from app.settings import Settings
from scoring_model.errors import InvalidParameter, InvalidRows, Problem
from scoring_model.params import Params

Record = dict[str, Any]
Table = list[Record] | dict[str, list[Any]]
"""Clients as records, or as columns of equal length."""

HEAD_BYTES, HEAD_LINES = 64 * 1024, 100
"""Most bytes and lines of a request's head; beyond twice as much, the server closes by itself."""

MAX_COLUMNS = 10_000
"""Columns of a client, known to the model or not."""

PARTS_PER_ROW = 10
"""Objects and lists allowed for each row or column: one is needed, the model ignores the rest."""

LONGEST_TEXT = 1000
"""Characters. numpy pads all texts of a column to its longest one, with 4 bytes a character."""

PADDED_BYTES = 128 * 1024 * 1024
"""Memory that padded texts may take without being looked at."""

NESTED = frozenset({list, dict})
AN_OBJECT = "an object of column names and values"
AN_ID = "an id: a whole number of at most 64 bits, or a text that is not empty"


@dataclass(frozen=True)
class Clients:
    """The clients of a request: `table` for the model, the id of each as it was sent, and what the
    caller asks of the model."""

    table: Table
    ids: Sequence[Any]
    params: Mapping[str, Any]

    def received(self) -> list[Record]:
        """A record for each client."""
        if isinstance(self.table, list):
            return self.table
        rows = zip(*self.table.values(), strict=True)
        return [dict(zip(self.table, row, strict=True)) for row in rows]


def read_data(context: Context, settings: Settings, id_column: str) -> Clients:
    """Clients in the project's own format, each with an id of its own.

    Raises BadRequest, InvalidRows, TooLarge, UnsupportedType and Compressed.
    """
    check_content(context, [JSON])
    check_parts(context.body, settings.max_rows)
    payload = parse_json(context.body)
    records = _records(payload)
    check_size(len(records), settings.max_rows, "rows")
    problems = list(_problems(records, id_column))
    if problems:
        raise InvalidClients(problems)
    check_size(max(map(len, records)), MAX_COLUMNS, "columns")
    sent = payload.get("params")
    params = read_params(sent)
    check_keys(context.body, [payload, sent or {}, *records])
    table = flat_records(records)
    check_texts(context.body, table)
    return Clients(table, [record[id_column] for record in records], params)


def read_json(context: Context, settings: Settings) -> bytes:
    """The body as it was sent, once it is known to be JSON."""
    check_content(context, [JSON])
    check_parts(context.body, settings.max_rows)
    parse_json(context.body)
    return context.body.strip()


def read_params(params: Any) -> dict[str, Any]:
    """What a caller asks of the model; null counts as absent. Raises InvalidParams."""
    if params is None:
        return {}
    if not isinstance(params, dict):
        raise InvalidParams(reason="params must be an object")
    try:
        Params.read(params)
    except InvalidParameter as error:
        raise InvalidParams(reason=error) from error
    return {name: value for name, value in params.items() if value is not None}


def is_head_large(target: int, headers: Collection[tuple[Sized, Sized]]) -> bool:
    """Whether a head is beyond the limits; `target` is the length of path and query."""
    if len(headers) > HEAD_LINES:
        return True
    return target + sum(len(name) + len(value) for name, value in headers) > HEAD_BYTES


def check_content(context: Context, allowed: Sequence[str]) -> None:
    """Raises UnsupportedType and Compressed."""
    parameters = context.headers.get("content-type", "").lower().partition(";")[2]
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if context.content_type not in allowed or charset not in {"", "utf-8", "utf8"}:
        raise UnsupportedType(allowed=" or ".join(allowed))
    if context.headers.get("content-encoding", "identity").lower() != "identity":
        raise Compressed


def parse_json(body: bytes) -> Any:
    """Strict JSON in UTF-8: no NaN, no number beyond float64, no lone surrogate, no NUL in texts.

    Raises NotJson with the place of the error, without quoting the body.
    """
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJson(reason=error) from error
    if b"\\" in body and b"\\u0000" in body:  # at which numpy would cut the text
        raise NotJson(reason="a text contains a NUL character")
    return payload


def check_parts(body: bytes, max_rows: int) -> None:
    """Raises TooLarge before millions of empty objects take thirty times their bytes."""
    limit = PARTS_PER_ROW * max(max_rows, MAX_COLUMNS)
    check_size(body.count(b"{") + body.count(b"["), limit, "objects and lists")


def check_size(size: int, limit: int, unit: str) -> None:
    """Raises TooLarge."""
    if size > limit:
        raise TooLarge(limit=limit, unit=unit)


def check_keys(body: bytes, objects: Sequence[Collection[str]]) -> None:
    """Raises NotJson if an object in `body`, which is valid JSON, holds a key twice.

    JSON readers keep the last of equal keys. Each key has a colon: if there are as many colons as
    keys and colons in texts were read, none was dropped. Otherwise the body is read once more,
    slowly.
    """
    texts = body.count(b":") - sum(map(len, objects))
    if texts and texts != sum(map(_colons, objects)):
        try:
            json.loads(body, object_pairs_hook=_unique)
        except RecursionError as error:
            raise NotJson(reason="too many levels of nesting") from error


def flat_records(records: list[Record]) -> list[Record]:
    """The records, with an empty list for every nested value: no column takes one, and the model
    refuses the one like the other."""
    return [
        record
        if NESTED.isdisjoint(map(type, record.values()))
        else {n: [] if isinstance(v, list | dict) else v for n, v in record.items()}
        for record in records
    ]


def check_texts(body: bytes, table: Table) -> None:
    """Raises InvalidRows where texts that are too long could take too much memory."""
    rows = len(table) if isinstance(table, list) else len(next(iter(table.values()), ()))
    if 4 * rows * len(body) <= PADDED_BYTES or not any(map(_has_long_text, _values(table))):
        return
    problems = [
        Problem(row, column, f"a text of at most {LONGEST_TEXT} characters")
        for row, column, value in _cells(table)
        if isinstance(value, str) and len(value) > LONGEST_TEXT
    ]
    if problems:
        raise InvalidRows(problems)


def _values(table: Table) -> Iterator[Iterable[Any]]:
    """The values record by record, or column by column."""
    return iter(table.values()) if isinstance(table, dict) else (row.values() for row in table)


def _has_long_text(values: Iterable[Any]) -> bool:
    return max([len(value) for value in values if type(value) is str], default=0) > LONGEST_TEXT


def _cells(table: Table) -> Iterator[tuple[int, str, Any]]:
    if isinstance(table, dict):
        for name, values in table.items():
            yield from ((row, name, value) for row, value in enumerate(values))
    else:
        for row, record in enumerate(table):
            yield from ((row, name, value) for name, value in record.items())


def _colons(values: Any) -> int:
    """Colons in the texts of an object."""
    texts = values.values() if isinstance(values, dict) else ()
    return "".join([text for text in texts if isinstance(text, str)]).count(":")


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({key for key, _ in pairs}):
        raise NotJson(reason="an object holds the same key twice")


def _records(payload: Any) -> list[Any]:
    if not isinstance(payload, dict) or "data" not in payload:
        raise NoClients(reason="there is no data")
    data = payload["data"]
    if isinstance(data, dict):
        return [data]
    if not isinstance(data, list):
        raise NoClients(reason="data is neither an object nor a list")
    if not data:
        raise NoClients(reason="data is empty")
    return data


def _problems(records: list[Any], id_column: str) -> Iterator[Problem]:
    """Ids are compared as text, because that is how they become keys of the answer."""
    seen: dict[str, int] = {}
    for number, record in enumerate(records):
        if not isinstance(record, dict):
            yield Problem(number, None, AN_OBJECT)
        elif not is_id(record.get(id_column)):
            yield Problem(number, id_column, AN_ID)
        elif (first := seen.setdefault(str(record[id_column]), number)) != number:
            yield Problem(number, id_column, f"an id of its own, not that of row {first}")


def is_id(value: Any) -> bool:
    """Whether it is AN_ID."""
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""
