"""What the contract says of each raw column, or why a column is no feature."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.contract import Feature, Vector
from train.data.application import UNKNOWN_CATEGORIES, bounds

Say = Callable[[str], None]

MAX_CATEGORIES = 500
"""Distinct texts beyond which a column is a name or a comment, not a category."""

FIXED_CATEGORIES = {
    "CODE_GENDER": ("M", "F"),
    "FLAG_OWN_CAR": ("N", "Y"),
    "FLAG_OWN_REALTY": ("Y", "N"),
}
"""Categories whose codes callers have used since the first service of this kind."""


def feature(name: str, values: pa.ChunkedArray, say: Say) -> Feature | None:
    """The contract's entry of one column; None, and a line to `say`, for a column that is empty,
    constant, or neither numbers nor categories."""
    found, why = _feature(name, values)
    if found is None:
        say(f"column {name} is left out: {why}")
    return found


def _feature(name: str, values: pa.ChunkedArray) -> tuple[Feature | None, str]:
    kind = values.type
    if pa.types.is_floating(kind):
        values = pc.if_else(pc.is_nan(values), None, values)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if text or pa.types.is_dictionary(kind):
        text, values = True, values.cast(pa.string())
        unknown = pa.array(sorted(UNKNOWN_CATEGORIES.get(name, ())), pa.string())
        values = pc.if_else(pc.is_in(values, unknown), None, values)
    if values.null_count == len(values):
        return None, "it is empty"
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not (text or number or pa.types.is_boolean(kind)):
        return None, f"{kind} is neither a number nor text"
    distinct = pc.count_distinct(values, mode="all").as_py()
    if distinct == 1:
        return None, "it has the same value for all clients"
    if number:
        return Feature(name, "number", seen=numbers_seen(values), **bounds(name)), ""
    missing = {"missing": values.null_count / len(values)}
    if not text:
        return Feature(name, "category", ("false", "true"), missing), ""
    if name in FIXED_CATEGORIES:
        return Feature(name, "category", FIXED_CATEGORIES[name], missing), ""
    if distinct > MAX_CATEGORIES:
        return None, f"{distinct} different texts are no category"
    return Feature(name, "category", _categories(values), missing), ""


def _categories(values: pa.ChunkedArray) -> tuple[str, ...]:
    """The texts in order; where they are integers below MAX_CATEGORIES, all from 0 to the greatest,
    since a caller may send a category as its position: a 2 is then the 2 that was meant."""
    texts = sorted(pc.unique(values).drop_null().to_pylist())
    if all(text.isdecimal() for text in texts) and (most := max(map(int, texts))) < MAX_CATEGORIES:
        return tuple(
            sorted({*texts, *map(str, range(most + 1))}, key=lambda text: (int(text), text))
        )
    return tuple(texts)


def numbers_seen(values: pa.ChunkedArray) -> dict[str, float]:
    """What the contract says of a column of numbers."""
    missing = {"missing": values.null_count / len(values)}
    numbers: Vector = values.cast(pa.float64(), safe=False).drop_null().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return missing
    return {
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "mean": float(numbers.mean()),
        "median": float(np.median(numbers)),
        **missing,
    }
