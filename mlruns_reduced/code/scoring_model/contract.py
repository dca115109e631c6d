"""The contract: what each model column is, and the one place where a client becomes numbers.

Training, serving and batch scoring all encode here, so they cannot drift apart.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from scoring_model.errors import MAX_NAMED, InvalidRows, Problem, UnsupportedInput

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
Reader = Callable[[Any], float]

A_NUMBER = "a number"
A_CATEGORY = "a category name or its position in the contract's list"
A_FEATURE = "at least one of the model's columns"
MISSING = math.nan
NUMBERS = (float, int, Decimal)
NUMPY = (np.ndarray, np.generic)


class _Unreadable(Exception):
    """The value is not of its column's kind."""


def read_number(value: Any) -> float:
    """The float64 of a number; NaN for None, NaN, NaT, NA and +-inf.

    Text and booleans are not numbers. Raises `_Unreadable`.
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
    raise _Unreadable


def read_category(value: Any, codes: Mapping[str, float]) -> float:
    """The position of a category given as its name or as its position; NaN if unknown.

    A boolean is the category "true" or "false". Raises `_Unreadable` for a fraction and for
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
        raise _Unreadable
    return position if 0 <= position < len(codes) else MISSING


def _scalar(value: Any) -> Any:
    """The Python object inside a numpy scalar or 0-d array; anything else as it is."""
    return value.item() if isinstance(value, NUMPY) and value.ndim == 0 else value


def _is_missing(value: Any) -> bool:
    """pandas.NA and NaT, told by their behaviour: this module must not import pandas."""
    return type(value).__name__ in {"NAType", "NaTType"}


@dataclass(frozen=True)
class Feature:
    """One column that a caller may send.

    `categories` are in the order of their codes and empty for a number; `seen` holds what
    training saw: for a number min, max, mean and median, for both kinds the missing share.
    """

    name: str
    kind: Literal["number", "category"]
    categories: tuple[str, ...] = ()
    seen: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def reader(self) -> Reader:
        """Turns one value of this column into its float64."""
        if self.kind == "number":
            return read_number
        codes = {name: float(code) for code, name in enumerate(self.categories)}
        return lambda value: read_category(value, codes)

    @property
    def expected(self) -> str:
        """What a value of this column must be, for error messages."""
        return A_NUMBER if self.kind == "number" else A_CATEGORY


@dataclass(frozen=True)
class Contract:
    """The columns of the model, in its order, and the name of the id column."""

    id: str
    features: tuple[Feature, ...]

    @cached_property
    def columns(self) -> list[str]:
        """Names in model order."""
        return [feature.name for feature in self.features]

    def to_json(self) -> str:
        """The contract as indented JSON; `from_json` reads it back equal."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError if `text` is not a contract."""
        raw = json.loads(text)
        features = (
            Feature(**{**feature, "categories": tuple(feature["categories"])})
            for feature in raw["features"]
        )
        return cls(id=raw["id"], features=tuple(features))

    def encode_records(self, records: Sequence[Mapping[str, Any]]) -> Matrix:
        """Clients as mappings from column to value, to float64 of shape (clients, columns).

        A column that a record lacks is NaN, a key that is no column is ignored.
        Raises InvalidRows naming unreadable values and records without a single column.
        """
        matrix = np.empty((len(records), len(self.features)))
        for row, record in enumerate(records):
            try:
                matrix[row] = [
                    read(record[name]) if name in record else MISSING
                    for name, read in self._readers
                ]
            except _Unreadable:
                raise InvalidRows(_first(self._problems(records))) from None
            if self._names.isdisjoint(record):
                raise InvalidRows(_first(self._problems(records)))
        return matrix

    def _problems(self, records: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
        for row, record in enumerate(records):
            if self._names.isdisjoint(record):
                yield Problem(row, None, A_FEATURE)
            for feature in self.features:
                if feature.name in record and not _reads(feature.reader, record[feature.name]):
                    yield Problem(row, feature.name, feature.expected, record[feature.name])

    def encode_columns(self, columns: Mapping[str, Any], rows: int) -> Matrix:
        """Clients as a mapping from column to array or pandas Series, each of `rows` values.

        Gives what `encode_records` gives for the same values, column by column.
        Raises InvalidRows, and UnsupportedInput where an array has another length.
        """
        if self._names.isdisjoint(columns):
            raise InvalidRows(_first(Problem(row, None, A_FEATURE) for row in range(rows)))
        matrix = np.full((rows, len(self.features)), MISSING, order="F")
        problems: list[Problem] = []
        for position, feature in enumerate(self.features):
            if feature.name not in columns:
                continue
            values = columns[feature.name]
            if np.ndim(values) != 1 or len(values) != rows:
                raise UnsupportedInput(f"column {feature.name} must hold one value a client")
            matrix[:, position], unreadable = _encode_column(feature, values)
            problems += unreadable
        if problems:
            raise InvalidRows(sorted(problems, key=lambda problem: problem.row))
        return matrix

    @cached_property
    def _readers(self) -> list[tuple[str, Reader]]:
        return [(feature.name, feature.reader) for feature in self.features]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.columns)


def _encode_column(feature: Feature, values: Any) -> tuple[Vector, list[Problem]]:
    """One column to float64 of shape (rows,), and what of it cannot be read."""
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "fiu" and feature.kind == "number":
        numbers = np.asarray(values, dtype=np.float64)
        return np.where(np.isfinite(numbers), numbers, MISSING), []
    read, encoded, unreadable = feature.reader, [], []
    for row, value in enumerate(_objects(values)):
        try:
            encoded.append(read(value))
        except _Unreadable:
            encoded.append(MISSING)
            unreadable.append(Problem(row, feature.name, feature.expected, value))
    return np.array(encoded, dtype=np.float64), _first(_at_fault(unreadable))


def _first(problems: Iterable[Problem]) -> list[Problem]:
    """As many as an error names, and one more: a million bad rows cost no memory."""
    return list(islice(problems, MAX_NAMED + 1))


def _objects(values: Any) -> Any:
    """The values as Python scalars where the container can give them at once."""
    return values.tolist() if hasattr(values, "tolist") else values


def _at_fault(problems: list[Problem]) -> list[Problem]:
    """One bad cell makes CSV readers and numpy hand over its whole column as text: then only
    the cells that are no number even as text are at fault."""
    at_fault = [problem for problem in problems if not _is_number_as_text(problem.value)]
    return at_fault or problems


def _is_number_as_text(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)


def _reads(reader: Reader, value: Any) -> bool:
    try:
        reader(value)
    except _Unreadable:
        return False
    return True
