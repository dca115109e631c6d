"""From every form of input to ids and a float64 matrix.

Training, serving and batch scoring all encode here, so that they cannot differ.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring_model.contract import (
    MISSING,
    Contract,
    Feature,
    Matrix,
    Unreadable,
    Vector,
    is_missing,
    plain,
)
from scoring_model.errors import MAX_NAMED, InvalidRows, Problem, UnsupportedInput

Cell = tuple[int, int]
"""A client's row and a column's position in the contract."""

PLAIN = frozenset({float, int, type(None)})
"""Types whose values numpy turns into the float64 that `read_number` gives, infinity apart."""

CATEGORY_NAMES = frozenset({str, float, type(None)})
"""Types in a column of names of categories: a float there is a missing value."""

NO_KNOWN_VALUE = "at least one known value in the model's columns"

EXACT = 2.0**53
"""Below this, every whole number is a float64 of its own."""


class Clients(NamedTuple):
    """Ids (None where missing) and the encoded columns, float64 of shape (clients, columns).

    `names` gives the columns that were sent of each client; `discarded` finds the values that were
    sent and count as missing: infinite numbers and unknown categories.
    """

    ids: list[Any]
    matrix: Matrix
    names: Callable[[], Sequence[Collection[str]]]
    discarded: Callable[[], list[Cell]]


class Encoder:
    """Encodes clients by one contract."""

    def __init__(self, contract: Contract) -> None:
        self._id, self._features = contract.id, contract.features
        self._names = contract.columns
        self._categories = [
            (position, feature.read)
            for position, feature in enumerate(contract.features)
            if feature.kind == "category"
        ]

    def encode(self, data: Any) -> Clients:
        """Encodes a DataFrame, a list of records, or a dict of columns or of one client's values.

        Raises InvalidRows naming unreadable values and clients without any known value, and
        UnsupportedInput for what holds no clients.
        """
        if isinstance(data, pd.DataFrame):
            if data.columns.is_unique:
                return self._from_columns(data, len(data))
            raise UnsupportedInput("two columns have the same name")
        if isinstance(data, Mapping):
            lengths = {len(values) for values in data.values() if _is_column(values)}
            if len(lengths) > 1:
                raise UnsupportedInput("columns must all have the same length")
            rows = lengths.pop() if lengths else None
            return self._from_records([data]) if rows is None else self._from_columns(data, rows)
        if isinstance(data, Sequence) and all(isinstance(record, Mapping) for record in data):
            return self._from_records(data)
        raise UnsupportedInput("clients must come as records, columns or a DataFrame")

    def _from_records(self, records: Sequence[Mapping[str, Any]]) -> Clients:
        matrix, problems = self._records(records)
        _require_known(matrix, problems)
        return Clients(
            [_id(record.get(self._id)) for record in records],
            matrix,
            lambda: [record.keys() for record in records],
            partial(self._discarded_of_records, records, matrix),
        )

    def _from_columns(self, columns: Any, rows: int) -> Clients:
        matrix, problems = self._columns(columns, rows)
        _require_known(matrix, problems)
        ids = columns[self._id] if self._id in columns else [None] * rows
        return Clients(
            [_id(value) for value in _as_list(ids)],
            matrix,
            lambda: [tuple(columns)] * rows,
            partial(self._discarded_of_columns, columns, matrix),
        )

    def encode_columns(self, columns: Mapping[str, Any], rows: int) -> Matrix:
        """Arrays or pandas Series of `rows` values by column, to shape (rows, columns).

        A missing column is NaN; a client without any known value is allowed. Raises InvalidRows,
        and UnsupportedInput where an array has another length.
        """
        matrix, problems = self._columns(columns, rows)
        if problems:
            raise InvalidRows(problems)
        return matrix

    def _records(self, records: Sequence[Mapping[str, Any]]) -> tuple[Matrix, list[Problem]]:
        """Up to the row at which there are more problems than an error names."""
        matrix = np.empty((len(records), len(self._features)))
        problems: list[Problem] = []
        for row, record in enumerate(records):
            try:
                matrix[row] = self._row(record)
            except (Unreadable, OverflowError):  # OverflowError: an integer beyond float64
                matrix[row], unreadable = self._value_by_value(row, record)
                problems += unreadable
                if len(problems) > MAX_NAMED:
                    return matrix[: row + 1], problems
        matrix[np.isinf(matrix)] = MISSING
        return matrix, problems

    def _row(self, record: Mapping[str, Any]) -> Vector:
        """One client, in few calls where the values are plain."""
        values = list(map(record.get, self._names))
        if np.ndarray in set(map(type, values)):  # MLflow passes values as 0-d arrays
            values = [v.tolist() if type(v) is np.ndarray else v for v in values]
        for position, read in self._categories:
            values[position] = read(values[position])
        if not PLAIN.issuperset(map(type, values)):
            values = [feature.read(record.get(feature.name)) for feature in self._features]
        return np.array(values, dtype=np.float64)

    def _value_by_value(self, row: int, record: Mapping[str, Any]) -> tuple[Vector, list[Problem]]:
        values, problems = np.full(len(self._features), MISSING), []
        for position, feature in enumerate(self._features):
            value = record.get(feature.name)
            try:
                values[position] = feature.read(value)
            except Unreadable:
                problems.append(Problem(row, feature.name, feature.expected, value))
        return values, problems

    def _columns(self, columns: Mapping[str, Any], rows: int) -> tuple[Matrix, list[Problem]]:
        matrix = np.full((rows, len(self._features)), MISSING, order="F")
        problems: list[Problem] = []
        for position, feature in enumerate(self._features):
            if feature.name not in columns:
                continue
            values = columns[feature.name]
            if not _is_column(values) or len(values) != rows:
                raise UnsupportedInput(f"column {feature.name} must hold one value a client")
            encoded = _column_at_once(feature, values)
            if encoded is None:
                encoded, unreadable = _column_value_by_value(feature, values)
                problems += unreadable
            matrix[:, position] = encoded
        return matrix, sorted(problems, key=lambda problem: problem.row)

    def _discarded_of_records(
        self, records: Sequence[Mapping[str, Any]], matrix: Matrix
    ) -> list[Cell]:
        return [
            (row, position)
            for row, position in cells(matrix != matrix)
            if (value := records[row].get(self._names[position])) is not None
            and not is_missing(value)
        ]

    def _discarded_of_columns(self, columns: Any, matrix: Matrix) -> list[Cell]:
        found: list[Cell] = []
        for position, name in enumerate(self._names):
            if name in columns:
                discarded = np.isnan(matrix[:, position])
                if discarded.any():
                    discarded &= ~np.asarray(pd.isna(columns[name]), dtype=bool)
                found += [(row, position) for row in np.flatnonzero(discarded).tolist()]
        return found


def _is_column(values: Any) -> bool:
    return isinstance(values, list | tuple) or getattr(values, "ndim", 0) == 1


def cells(found: npt.NDArray[np.bool_]) -> list[Cell]:
    """Where `found`, of shape (clients, columns), is true: for one client faster than nonzero."""
    width = found.shape[1]
    return [divmod(position, width) for position in np.flatnonzero(found).tolist()]


def _require_known(matrix: Matrix, problems: list[Problem]) -> None:
    """Raises InvalidRows for `problems` and for clients without any known value."""
    first = matrix[:, 0]
    if not problems and np.count_nonzero(first == first) == len(first):  # the usual case, fast
        return
    known = (matrix == matrix).any(axis=1)
    if problems or not known.all():
        known[[problem.row for problem in problems]] = True  # named already
        problems += [Problem(row, None, NO_KNOWN_VALUE) for row in np.flatnonzero(~known).tolist()]
        raise InvalidRows(sorted(problems, key=lambda problem: problem.row)[: MAX_NAMED + 1])


def _column_at_once(feature: Feature, values: Any) -> Vector | None:
    """What `_column_value_by_value` gives, for the columns of usual tables; None for others."""
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "fiu":
        numbers = _finite(np.asarray(values, dtype=np.float64))
        return numbers if feature.kind == "number" else _positions(feature, numbers)
    values = _as_list(values)
    types = set(map(type, values))
    if (
        feature.kind == "category"
        and types <= CATEGORY_NAMES
        and all(value != value for value in values if type(value) is float)
    ):
        codes = feature.codes
        return np.array([codes.get(value, MISSING) for value in values], dtype=np.float64)
    if feature.kind == "number" and types <= PLAIN:
        with suppress(OverflowError):  # an integer beyond float64
            return _finite(np.array(values, dtype=np.float64))
    return None


def _finite(numbers: Vector) -> Vector:
    """+-inf as NaN; the same array where there is none, since a copy takes half of the time."""
    infinite = np.isinf(numbers)
    return np.where(infinite, MISSING, numbers) if infinite.any() else numbers


def _positions(feature: Feature, numbers: Vector) -> Vector | None:
    """Positions of categories that the feature lists; None if one is a fraction."""
    if np.any(numbers != np.rint(numbers), where=~np.isnan(numbers)):
        return None
    listed = (numbers >= 0) & (numbers < len(feature.categories))
    return np.where(listed, numbers, MISSING)


def _column_value_by_value(feature: Feature, values: Any) -> tuple[Vector, list[Problem]]:
    encoded, problems = [], []
    for row, value in enumerate(_as_list(values)):
        try:
            encoded.append(feature.read(value))
        except Unreadable:
            encoded.append(MISSING)
            problems.append(Problem(row, feature.name, feature.expected, value))
    # One bad cell makes CSV readers and numpy turn its whole column into text: then only the cells
    # that are no number even as text are named.
    not_numbers = [p for p in problems if not _is_number_as_text(p.value)]
    return np.array(encoded, dtype=np.float64), (not_numbers or problems)[: MAX_NAMED + 1]


def _as_list(values: Any) -> Any:
    """The values as Python objects where the container can convert them at once."""
    return values.tolist() if hasattr(values, "tolist") else values


def _is_number_as_text(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)


def _id(value: Any) -> Any:
    """An int or str as it is; a whole float (from a column with missing values) as an int; None
    for what is missing or cannot be an id."""
    value = plain(value)
    if isinstance(value, float):
        if value.is_integer() and abs(value) < EXACT:
            return int(value)
        return value if math.isfinite(value) else None
    return value if isinstance(value, int | str) else None
