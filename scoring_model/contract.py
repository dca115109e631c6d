"""The contract: what each model column is, and the one place where a client becomes numbers.

Training, serving and batch scoring all encode here, so they cannot drift apart.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from scoring_model.errors import MAX_NAMED, InvalidRows, Problem, UnsupportedInput
from scoring_model.reading import (
    MISSING,
    PLAIN,
    Reader,
    RowReader,
    Unreadable,
    read_category,
    read_number,
    reads,
)

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

A_NUMBER = "a number"
A_CATEGORY = "a category name or its position in the contract's list"
A_FEATURE = "at least one of the model's columns"


NAMES = frozenset({str, float, type(None)})
"""Types in a column of names of categories: a float there is a gap."""


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
    def codes(self) -> Mapping[str, float]:
        """The position of each category."""
        return {name: float(code) for code, name in enumerate(self.categories)}

    @cached_property
    def reader(self) -> Reader:
        """Turns one value of this column into its float64."""
        if self.kind == "number":
            return read_number
        return partial(read_category, codes=self.codes)

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
            if self._names.isdisjoint(record):
                raise InvalidRows(_first(self._problems(records)))
            try:
                matrix[row] = self._row(record)
            except Unreadable:
                raise InvalidRows(_first(self._problems(records))) from None
        matrix[np.isinf(matrix)] = MISSING
        return matrix

    def _row(self, record: Mapping[str, Any]) -> Vector:
        try:
            return np.array(self._reader.read(record), dtype=np.float64)
        except OverflowError:  # an integer beyond float64
            return np.array([read(record.get(name)) for name, read in self._readers])

    def _problems(self, records: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
        for row, record in enumerate(records):
            if self._names.isdisjoint(record):
                yield Problem(row, None, A_FEATURE)
            for feature in self.features:
                if feature.name in record and not reads(feature.reader, record[feature.name]):
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
    def _reader(self) -> RowReader:
        kinds = enumerate(feature.kind for feature in self.features)
        return RowReader(self._readers, [place for place, kind in kinds if kind == "category"])

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.columns)


def _encode_column(feature: Feature, values: Any) -> tuple[Vector, list[Problem]]:
    """One column to float64 of shape (rows,), and what of it cannot be read."""
    encoded = _at_once(feature, values)
    return _one_by_one(feature, values) if encoded is None else (encoded, [])


def _at_once(feature: Feature, values: Any) -> Vector | None:
    """What `_one_by_one` gives, for the columns that tables are made of; None for others."""
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "fiu":
        numbers = np.asarray(values, dtype=np.float64)
        return _finite(numbers) if feature.kind == "number" else _positions(feature, numbers)
    values = _objects(values)
    types = set(map(type, values))
    if feature.kind == "category" and types <= NAMES:
        gaps = [value for value in values if type(value) is float]
        if all(value != value for value in gaps):
            codes = feature.codes
            return np.array([codes.get(value, MISSING) for value in values], dtype=np.float64)
    if feature.kind == "number" and types <= PLAIN:
        with suppress(OverflowError):  # an integer beyond float64
            return _finite(np.array(values, dtype=np.float64))
    return None


def _finite(numbers: Vector) -> Vector:
    """+-inf as NaN; the very array where there is none, since a copy of it costs half the time."""
    infinite = np.isinf(numbers)
    return np.where(infinite, MISSING, numbers) if infinite.any() else numbers


def _positions(feature: Feature, numbers: Vector) -> Vector | None:
    """Positions of categories that the feature lists; None if one is a fraction."""
    numbers = _finite(numbers)
    if np.any(numbers != np.rint(numbers), where=~np.isnan(numbers)):
        return None
    listed = (numbers >= 0) & (numbers < len(feature.categories))
    return np.where(listed, numbers, MISSING)


def _one_by_one(feature: Feature, values: Any) -> tuple[Vector, list[Problem]]:
    read, encoded, unreadable = feature.reader, [], []
    for row, value in enumerate(_objects(values)):
        try:
            encoded.append(read(value))
        except Unreadable:
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
