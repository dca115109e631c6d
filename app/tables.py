"""MLflow's input formats: four forms of JSON, CSV and Parquet, to records or columns.

Read here, so that no limit depends on how MLflow, pandas or numpy would unpack a body.
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from app.context import JSON, Context
from app.errors import NoParquet, NoTable, NotCsv, NotParquet
from app.requests import (
    AN_OBJECT,
    MAX_COLUMNS,
    NESTED,
    Clients,
    Record,
    Table,
    check_content,
    check_keys,
    check_parts,
    check_size,
    check_texts,
    flat_records,
    parse_json,
    read_params,
)
from app.settings import Settings

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
FORMATS = ("inputs", "instances", "dataframe_records", "dataframe_split")

UNPACKED_TIMES = 16
"""How much larger than the largest body a Parquet table may be."""

VALUE_BYTES = 40
"""Memory of a number as a Python object in a list."""

MISSING = {
    "",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "-1.#IND",
    "-1.#QNAN",
    "-NaN",
    "-nan",
    "1.#IND",
    "1.#QNAN",
}
MISSING |= {"<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
"""Texts in CSV that stand for a missing value: those of `pandas.read_csv`."""

FLAGS = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}


def read_invocation(context: Context, settings: Settings, id_column: str) -> Clients:
    """Clients in one of MLflow's formats; an id that is missing is None.

    Raises BadRequest, InvalidRows, TooLarge, UnsupportedType and Compressed.
    """
    check_content(context, [JSON, CSV, PARQUET])
    params: Any = None
    if context.content_type == CSV:
        table: Table = _read_csv(context.body, settings.max_rows, id_column)
    elif context.content_type == PARQUET:
        table = _read_parquet(context.body, settings)
    else:
        check_parts(context.body, settings.max_rows)
        table, params = _read_json(context.body, settings.max_rows)
    check_texts(context.body, table)
    if isinstance(table, dict):
        rows = len(next(iter(table.values()), ()))
        return Clients(table, table.get(id_column) or [None] * rows, read_params(params))
    return Clients(table, [record.get(id_column) for record in table], read_params(params))


def _read_json(body: bytes, max_rows: int) -> tuple[Table, Any]:
    payload = parse_json(body)
    formats = [name for name in FORMATS if name in payload] if isinstance(payload, dict) else []
    if len(formats) != 1:
        raise NoTable(reason="there is none of them, or more than one")
    content, params = payload[formats[0]], payload.get("params")
    top = [payload, params if isinstance(params, dict) else {}]
    if formats == ["dataframe_split"]:
        check_keys(body, [*top, content if isinstance(content, dict) else {}])
        return _split(content, max_rows), params
    if isinstance(content, dict):
        if any(isinstance(value, list) for value in content.values()):
            check_keys(body, [*top, content])
            return _columns(content, max_rows), params
        content = [content]
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise NoTable(reason=f"each row must be {AN_OBJECT}")
    check_size(len(content), max_rows, "rows")
    check_size(max(map(len, content), default=0), MAX_COLUMNS, "columns")
    check_keys(body, [*top, *content])
    return flat_records(content), params


def _split(content: Any, max_rows: int) -> list[Record]:
    if not isinstance(content, dict) or not {"columns", "data"} <= content.keys():
        raise NoTable(reason="dataframe_split needs columns and data")
    names, rows = content["columns"], content["data"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise NoTable(reason="data must be a list of lists")
    check_size(len(rows), max_rows, "rows")
    _check_names(names)
    if any(len(row) != len(names) for row in rows):
        raise NoTable(reason="each row of data needs one value for each of columns")
    return flat_records([dict(zip(names, row, strict=True)) for row in rows])


def _columns(content: dict[str, Any], max_rows: int) -> Table:
    check_size(len(content), MAX_COLUMNS, "columns")
    if not all(isinstance(values, list) for values in content.values()):
        raise NoTable(reason="each column must be a list of values")
    lengths = set(map(len, content.values()))
    check_size(max(lengths), max_rows, "rows")
    if len(lengths) > 1:
        raise NoTable(reason="all columns must have the same length")
    if all(NESTED.isdisjoint(map(type, values)) for values in content.values()):
        return content
    return flat_records(
        [dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)]
    )


def _check_names(names: Any) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NoTable(reason="columns must be a list of names")
    check_size(len(names), MAX_COLUMNS, "columns")
    if len(set(names)) != len(names):
        raise NoTable(reason="a column is given twice")


def _read_csv(body: bytes, max_rows: int, id_column: str) -> dict[str, list[Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotCsv(reason=f"byte {error.start} is not UTF-8") from error
    if "\0" in text:
        raise NotCsv(reason="it contains a NUL character")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next((line for line in lines if line), [])
        check_size(len(names), MAX_COLUMNS, "columns")
        rows = list(_csv_rows(lines, len(names), max_rows))
    except csv.Error as error:
        raise NotCsv(reason=f"line {lines.line_num}: {error}") from error
    if not names or len(set(names)) != len(names):
        raise NotCsv(reason="a column is given twice" if names else "there is no header")
    readers = {id_column: (_integer, _number)}
    columns = zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True)
    return {name: _typed(cells, readers.get(name, (_number, _flag))) for name, cells in columns}


def _csv_rows(lines: Iterator[list[str]], width: int, max_rows: int) -> Iterator[list[str]]:
    for number, line in enumerate(filter(None, lines)):
        check_size(number + 1, max_rows, "rows")
        if len(line) > width:
            raise NotCsv(reason=f"row {number} has {len(line)} fields, the header has {width}")
        yield line + [""] * (width - len(line))


def _typed(cells: tuple[str, ...], readers: tuple[Callable[[str], Any], ...]) -> list[Any]:
    """The values of a column: read by the first reader that can read all of them, else texts."""
    for read in readers:
        try:
            return [None if cell in MISSING else read(cell) for cell in cells]
        except (ValueError, KeyError):
            continue
    return [None if cell in MISSING else cell for cell in cells]


def _integer(text: str) -> int:
    return int(_digits(text))


def _number(text: str) -> float:
    return float(_digits(text))


def _flag(text: str) -> bool:
    return FLAGS[text]


def _digits(text: str) -> str:
    if "_" in text:  # which Python takes as a separator
        raise ValueError
    return text


def _read_parquet(body: bytes, settings: Settings) -> dict[str, list[Any]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise NoParquet from error
    try:
        file = parquet.ParquetFile(io.BytesIO(body))
        check_size(file.metadata.num_rows, settings.max_rows, "rows")
        check_size(file.metadata.num_columns, MAX_COLUMNS, "columns")
        check_size(_unpacked(file.metadata), UNPACKED_TIMES * settings.max_bytes, "bytes unpacked")
        table = file.read(use_threads=False)
        check_size(table.num_rows, settings.max_rows, "rows")
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotParquet from error
    _check_names(table.column_names)
    return {name: table.column(name).to_pylist() for name in table.column_names}


def _unpacked(metadata: Any) -> int:
    """Bytes that the table takes at most; a dictionary may repeat a long text for each value, and a
    list may hold many values in one row."""
    total = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        for place in range(metadata.num_columns):
            column = rows.column(place)
            is_text = column.physical_type == "BYTE_ARRAY"
            stored = column.total_uncompressed_size * (column.num_values if is_text else 1)
            total += stored + VALUE_BYTES * column.num_values
    return total
