"""From the value of one column to its float64: what counts as a number, a category, or missing."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

Reader = Callable[[Any], float]

MISSING = math.nan
NUMBERS = (float, int, Decimal)
NUMPY = (np.ndarray, np.generic)

PLAIN = frozenset({float, int, type(None)})
"""Types whose values numpy turns into the float64 that `read_number` gives, infinity apart."""


class Unreadable(Exception):
    """The value is not of its column's kind."""


def read_number(value: Any) -> float:
    """The float64 of a number; NaN for None, NaN, NaT, NA and +-inf.

    Text and booleans are not numbers. Raises Unreadable.
    """
    value = _scalar(value)
    if value is None:
        return MISSING
    if isinstance(value, NUMBERS) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # an integer beyond float64 is as infinite as 1e400
            return MISSING
        return number if math.isfinite(number) else MISSING
    if _is_missing(value):
        return MISSING
    raise Unreadable


def read_category(value: Any, codes: Mapping[str, float]) -> float:
    """The position of a category given as its name or as its position; NaN if unknown.

    A boolean is the category "true" or "false". Raises Unreadable for a fraction and for
    what is neither text nor number.
    """
    value = _scalar(value)
    if isinstance(value, str):
        return codes.get(value, MISSING)
    if isinstance(value, bool):
        return codes.get("true" if value else "false", MISSING)
    position = read_number(value)
    if math.isnan(position):
        return MISSING
    if not position.is_integer():
        raise Unreadable
    return position if 0 <= position < len(codes) else MISSING


def reads(reader: Reader, value: Any) -> bool:
    """Whether `reader` takes the value."""
    try:
        reader(value)
    except Unreadable:
        return False
    return True


def is_missing(value: Any) -> bool:
    """Whether nothing was sent: None, NaN, NaT or NA."""
    value = _scalar(value)
    return value is None or (isinstance(value, float) and math.isnan(value)) or _is_missing(value)


def _scalar(value: Any) -> Any:
    """The Python object inside a numpy scalar or 0-d array; anything else as it is."""
    return value.item() if isinstance(value, NUMPY) and value.ndim == 0 else value


def _is_missing(value: Any) -> bool:
    """pandas.NA and NaT, told by their behaviour: this module must not import pandas."""
    return type(value).__name__ in {"NAType", "NaTType"}


class RowReader:
    """Reads a record as its columns' readers would, in few calls where its values are plain.

    `columns` are names and readers in model order, `categories` the places of those that are not
    numbers.
    """

    def __init__(self, columns: Sequence[tuple[str, Reader]], categories: Sequence[int]) -> None:
        self._columns = columns
        self._names = [name for name, _ in columns]
        self._categories = [(place, columns[place][1]) for place in categories]

    def read(self, record: Mapping[str, Any]) -> Sequence[float | None]:
        """A number, infinity or None a column. Raises Unreadable."""
        values = list(map(record.get, self._names))
        if np.ndarray in set(map(type, values)):  # MLflow hands values over as 0-d arrays
            values = [v.tolist() if type(v) is np.ndarray else v for v in values]
        for place, read in self._categories:
            values[place] = read(values[place])
        if PLAIN.issuperset(map(type, values)):
            return values
        return [read(record.get(name)) for name, read in self._columns]
