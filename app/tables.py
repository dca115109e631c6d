"""MLflow's input formats: four forms of JSON, CSV and Parquet, to records or columns.

Read here, so that no limit depends on how MLflow, pandas or numpy would unpack a body.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from app.context import JSON, Context
from app.errors import NoParquet, NoTable, NotCsv, NotParquet
from app.model_folder import ModelFolder
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


def read_invocation(context: Context, settings: Settings, model: ModelFolder) -> Clients:
    """Clients in one of MLflow's formats; an id that is missing is None.

    Raises BadRequest, InvalidRows, TooLarge, UnsupportedType and Compressed.
    """
    check_content(context, [JSON, CSV, PARQUET])
    params: Any = None
    if context.content_type == CSV:
        table: Table = _read_csv(context.body, settings.max_rows, model)
    elif context.content_type == PARQUET:
        table = _read_parquet(context.body, settings)
    else:
        check_parts(context.body, settings.max_rows)
        table, params = _read_json(context.body, settings.max_rows)
    check_texts(context.body, table)
    if isinstance(table, dict):
        rows = len(next(iter(table.values()), ()))
        return Clients(table, table.get(model.id) or [None] * rows, read_params(params))
    return Clients(table, [record.get(model.id) for record in table], read_params(params))


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


def _columns(content: dict[str, Any], max_rows: int) -> dict[str, list[Any]]:
    check_size(len(content), MAX_COLUMNS, "columns")
    if not all(isinstance(values, list) for values in content.values()):
        raise NoTable(reason="each column must be a list of values")
    lengths = set(map(len, content.values()))
    check_size(max(lengths), max_rows, "rows")
    if len(lengths) > 1:
        raise NoTable(reason="all columns must have the same length")
    return {
        name: values
        if NESTED.isdisjoint(map(type, values))
        else [[] if isinstance(value, list | dict) else value for value in values]
        for name, values in content.items()
    }


def _check_names(names: Any) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NoTable(reason="columns must be a list of names")
    check_size(len(names), MAX_COLUMNS, "columns")
    if len(set(names)) != len(names):
        raise NoTable(reason="a column is given twice")


def _read_csv(body: bytes, max_rows: int, model: ModelFolder) -> dict[str, list[Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotCsv(reason=f"byte {error.start} is not UTF-8") from error
    if "\0" in text:
        raise NotCsv(reason="it contains a NUL character")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(filter(None, lines), [])
        check_size(len(names), MAX_COLUMNS, "columns")
        if not names or len(set(names)) != len(names):
            raise NotCsv(reason="a column is given twice" if names else "there is no header")
        rows = list(_csv_rows(lines, len(names), max_rows))
    except csv.Error as error:
        raise NotCsv(reason=f"line {lines.line_num}: {error}") from error
    numbers = {feature["name"] for feature in model.features if feature["kind"] == "number"}
    return {
        name: [_number(cell) for cell in cells]
        if name in numbers
        else _alike(cells, (_integer, _exact) if name == model.id else (_float, _flag))
        for name, *cells in zip_longest(names, *rows, fillvalue="")
    }


def _csv_rows(lines: Iterator[list[str]], width: int, max_rows: int) -> Iterator[list[str]]:
    for number, line in enumerate(filter(None, lines)):
        check_size(number + 1, max_rows, "rows")
        if len(line) > width:
            raise NotCsv(reason=f"row {number} has {len(line)} fields, the header has {width}")
        yield line


def _number(text: str) -> float | bool | str | None:
    """A text that is no number stays one: the model names its row and column."""
    if text in MISSING:
        return None
    try:
        return FLAGS[text] if text in FLAGS else _float(text)
    except ValueError:
        return text


def _alike(cells: list[str], readers: Sequence[Callable[[str], Any]]) -> list[Any]:
    """Values of one type if all cells of a column can be read so, else texts, as in pandas."""
    for read in readers:
        with suppress(ValueError):
            return [None if cell in MISSING else read(cell) for cell in cells]
    return [None if cell in MISSING else cell for cell in cells]


def _integer(text: str) -> int:
    number = int(_without_separators(text))
    if not -(2**63) <= number < 2**64:  # which JSON writers refuse
        raise ValueError
    return number


def _float(text: str) -> float:
    return float(_without_separators(text))


def _exact(text: str) -> float:
    number = _float(text)
    if not abs(number) < 2**53:  # beyond, several whole numbers are one float
        raise ValueError
    return number


def _flag(text: str) -> bool:
    if text not in FLAGS:
        raise ValueError
    return FLAGS[text]


def _without_separators(text: str) -> str:
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
        _check_names(table.column_names)
        columns = [list(map(_plain, column.to_pylist())) for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise NotParquet from error
    return dict(zip(table.column_names, columns, strict=True))


def _plain(value: Any) -> Any:
    """Values that JSON does not know: decimals as numbers, dates and others as text, nested ones
    as the empty list that the model refuses."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | dict):
        return []
    return value if isinstance(value, str | int | float | None) else str(value)


def _unpacked(metadata: Any) -> int:
    """Bytes that the table takes at most; a text in a dictionary may stand in every row."""
    total = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        for place in range(metadata.num_columns):
            column = rows.column(place)
            is_text = column.physical_type == "BYTE_ARRAY"
            total += column.total_uncompressed_size * (max(rows.num_rows, 1) if is_text else 1)
    return total
