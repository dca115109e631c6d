"""What a raw column is read as, what the contract says of it, or why it is no feature."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.contract import Feature, Vector
from scoring_model.written import DATE, NUMBER, SEPARATORS
from train.data.application import UNKNOWN_CATEGORIES, bounds
from train.errors import MissingColumn, TrainError

Say = Callable[[str], None]

MAX_CATEGORIES = 500
"""Distinct texts beyond which a column is a name or a comment, not a category."""
FIXED_CATEGORIES = {
    "CODE_GENDER": ("M", "F"),
    "FLAG_OWN_CAR": ("N", "Y"),
    "FLAG_OWN_REALTY": ("Y", "N"),
}
"""Categories whose codes callers have used since the first service of this kind."""
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
    for name in [name for name in table.column_names if name not in {*kept, *categories}]:
        values, text = table[name], _is_text(table[name].type)
        date = pa.types.is_date(values.type) or pa.types.is_timestamp(values.type)
        if date or (text and pc.all(pc.match_substring_regex(values, DATE)).as_py()):
            moments = pd.to_datetime(values.to_pandas(), format="ISO8601", utc=True)
            dates |= {name: moments} if moments.notna().any() else {}
        elif text and (numbers := _numbers(name, values, say)) is not None:
            table = _with(table, name, numbers, number_as_text="true")
    if dates:
        newest = max(moments.max() for moments in dates.values())
        listed = ", ".join(dates)
        say(f"read as days before {newest:%Y-%m-%d}, the newest date, below zero: {listed}")
    for name, moments in dates.items():
        days = pa.array((moments - newest) / pd.Timedelta(days=1), pa.float64(), from_pandas=True)
        table = _with(table, name, days, days_from=newest.isoformat())
    return table


def _with(
    table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray, **written: str
) -> pa.Table:
    field = pa.field(name, values.type, metadata=written)
    return table.set_column(table.column_names.index(name), field, values)


def written_as(table: pa.Table, name: str) -> dict[str, Any]:
    """What `parsed` has noted of a column, as fields of the contract's Feature."""
    noted = table.field(name).metadata or {}
    if since := noted.get(b"days_from"):
        return {"days_from": since.decode()}
    return {"number_as_text": True} if b"number_as_text" in noted else {}


def _numbers(name: str, texts: pa.ChunkedArray, say: Say) -> pa.ChunkedArray | None:
    """None for a column of which at most half the values are numbers."""
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
    if _is_text(values.type) or pa.types.is_boolean(values.type):
        return values
    try:
        integers = _without_nan(values).cast(pa.int64())
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


def feature(table: pa.Table, name: str, say: Say) -> Feature | None:
    """The contract's entry of one column; None, and a line to `say`, for a column that is empty,
    constant, or neither numbers nor categories."""
    values = _without_nan(table[name])
    if _is_text(values.type) or pa.types.is_dictionary(values.type):
        unknown = pa.array(sorted(UNKNOWN_CATEGORIES.get(name, ())), pa.string())
        values = values.cast(pa.string())
        values = pc.if_else(pc.is_in(values, unknown), None, values)
    if why := _unusable(name, values):
        say(f"column {name} is left out: {why}")
        return None
    missing = {"missing": values.null_count / len(values)}
    if is_number(values.type):
        seen = missing | _numbers_seen(values)
        return Feature(name, "number", seen=seen, **bounds(name), **written_as(table, name))
    if pa.types.is_boolean(values.type):
        return Feature(name, "category", ("false", "true"), missing)
    return Feature(name, "category", FIXED_CATEGORIES.get(name) or _categories(values), missing)


def _unusable(name: str, values: pa.ChunkedArray) -> str:
    """Why a column is no feature, "" if it is one."""
    kind, text = values.type, _is_text(values.type)
    if values.null_count == len(values):
        return "it is empty"
    if not (text or is_number(kind) or pa.types.is_boolean(kind)):
        return f"{kind} is neither a number nor text"
    distinct = pc.count_distinct(values, mode="all").as_py()
    if distinct == 1:
        return "it has the same value for all clients"
    if text and name not in FIXED_CATEGORIES and distinct > MAX_CATEGORIES:
        return f"{distinct} different texts are no category"
    return ""


def _categories(values: pa.ChunkedArray) -> tuple[str, ...]:
    """The texts in order; where they are integers below MAX_CATEGORIES, all from 0 to the greatest,
    since a caller may send a category as its position: a 2 is then the 2 that was meant."""
    texts = sorted(pc.unique(values).drop_null().to_pylist())
    if all(text.isdecimal() for text in texts) and (most := max(map(int, texts))) < MAX_CATEGORIES:
        every = {*texts, *map(str, range(most + 1))}
        return tuple(sorted(every, key=lambda text: (int(text), text)))
    return tuple(texts)


def _numbers_seen(values: pa.ChunkedArray) -> dict[str, float]:
    """Least, greatest, mean and median of the finite values, nothing where there are none."""
    numbers: Vector = values.cast(pa.float64(), safe=False).drop_null().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return {}
    return {
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "mean": float(numbers.mean()),
        "median": float(np.median(numbers)),
    }


def is_number(kind: pa.DataType) -> bool:
    """Whether a column of this type holds numbers; booleans are none."""
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _without_nan(values: pa.ChunkedArray) -> pa.ChunkedArray:
    floating = pa.types.is_floating(values.type)
    return pc.if_else(pc.is_nan(values), None, values) if floating else values
