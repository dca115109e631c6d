"""Raw columns as a model can read them: dates, numbers written as text, declared categories."""

from collections.abc import Collection
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.written import DATE, NUMBER, SEPARATORS
from train.data.columns import MAX_CATEGORIES, Say
from train.errors import MissingColumn, TrainError

NEARLY_ALL = 0.95
"""Fraction of a text column's values that must be numbers for the rest to count as missing."""


def parsed(
    table: pa.Table, categories: Collection[str], kept: Collection[str], say: Say
) -> pa.Table:
    """`table` with dates and numbers written as text as float64, and `categories` as text.

    A date becomes its days before the newest date in the table, negative as in the published
    tables: 0 is the newest, -30 thirty days earlier. Metadata of a column's field, `days_from` or
    `number_as_text`, says what was done. Columns in `kept` stay as they are. Where a
    value cannot be read, a line to `say` names the column and what becomes of it. Raises
    MissingColumn, and TrainError for what cannot be a category.
    """
    for name in categories:
        if name not in table.column_names:
            raise MissingColumn("the data", name, table.column_names)
        table = _with(table, name, _category(name, table[name]))
    dates: dict[str, pd.Series] = {}
    for name in table.column_names:
        values = table[name]
        if name in kept or name in categories:
            continue
        if (
            pa.types.is_date(values.type)
            or pa.types.is_timestamp(values.type)
            or _all_dates(values)
        ):
            dates[name] = pd.to_datetime(values.to_pandas(), format="ISO8601", utc=True)
        elif (numbers := _numbers(name, values, say)) is not None:
            table = _with(table, name, numbers, number_as_text="true")
    known = {name: values for name, values in dates.items() if values.notna().any()}
    if known:
        newest = max(values.max() for values in known.values())
        listed = ", ".join(known)
        say(f"read as days before {newest:%Y-%m-%d}, the newest date, below zero: {listed}")
    for name, values in known.items():
        days = (values - newest) / pd.Timedelta(days=1)
        numbers = pa.array(days, pa.float64(), from_pandas=True)
        table = _with(table, name, numbers, days_from=newest.isoformat())
    return table


def _with(
    table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray, **written: str
) -> pa.Table:
    field = pa.field(name, values.type, metadata=written)
    return table.set_column(table.column_names.index(name), field, values)


def written_as(table: pa.Table, name: str) -> dict[str, Any]:
    """What `parsed` has noted of a column, as fields of the contract's Feature."""
    noted = {k.decode(): v.decode() for k, v in (table.field(name).metadata or {}).items()}
    return {
        key: value == "true" if key == "number_as_text" else value
        for key, value in noted.items()
        if key in ("number_as_text", "days_from")
    }


def _is_text(values: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(values.type) or pa.types.is_large_string(values.type))


def _all_dates(values: pa.ChunkedArray) -> bool:
    return _is_text(values) and bool(pc.all(pc.match_substring_regex(values, DATE)).as_py())


def _numbers(name: str, texts: pa.ChunkedArray, say: Say) -> pa.ChunkedArray | None:
    """None for a column that is no text, or of which at most half the values are numbers."""
    if not _is_text(texts):
        return None
    texts = pc.utf8_trim_whitespace(texts)
    is_number = pc.match_substring_regex(texts, NUMBER)
    known, numbers = len(texts) - texts.null_count, pc.sum(is_number).as_py() or 0
    if numbers <= known / 2:
        return None
    if numbers < known:
        other = texts.filter(pc.invert(is_number))[0].as_py()
        said = f"{known - numbers:,} of {known:,} values are not numbers, such as {other[:40]!r}"
        if numbers < NEARLY_ALL * known:
            say(f"column {name} is not read as numbers: {said}")
            return None
        say(f"column {name} is read as numbers, and as missing where it has none: {said}")
    digits = pc.replace_substring_regex(texts, SEPARATORS, "")
    return pc.if_else(is_number, digits, None).cast(pa.float64())


def _category(name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Integers as text. A caller may send a category as its position in the contract's list, so
    none may be both one category's name and another's position."""
    if _is_text(values) or pa.types.is_boolean(values.type):
        return values
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)
    try:
        integers = values.cast(pa.int64())
    except pa.ArrowInvalid as e:
        said = "its values are neither integers nor text"
        raise TrainError(f"--categories {name}: {said}") from e
    least, most = pc.min_max(integers).as_py().values()
    if least is not None and (least < 0 or least < MAX_CATEGORIES <= most):
        raise TrainError(
            f"--categories {name}: integers must be all from 0 to {MAX_CATEGORIES - 1} or all"
            f" above, not {least} to {most}"
        )
    return integers.cast(pa.string())
