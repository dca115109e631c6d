"""The encoder compared with a slow and simple reference, by property-based tests."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_model.contract import Contract, Feature
from scoring_model.encoding import Encoder
from scoring_model.errors import MAX_NAMED, InvalidRows

CONTRACT = Contract(
    "ID",
    (
        Feature("AMOUNT", "number"),
        Feature("GENDER", "category", ("M", "F")),
        Feature("shape", "number"),
        Feature("OWNS", "category", ("false", "true")),
        Feature("__class__", "category", ("1", "é", "")),
    ),
)
ENCODER = Encoder(CONTRACT)
BAD = "bad"


def number(value):
    """None for missing, BAD for what is no number."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.ndarray | np.generic):
        return number(value.item()) if np.ndim(value) == 0 else BAD
    if isinstance(value, bool | str) or not isinstance(value, int | float | Decimal):
        return BAD
    try:
        value = float(value)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def category(value, names):
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0:
        return category(value.item(), names)
    if isinstance(value, bool):
        return category(str(value).lower(), names)
    if isinstance(value, str):
        return names.index(value) if value in names else None
    position = number(value)
    if position is None or position == BAD:
        return position
    if position != int(position):
        return BAD
    return position if 0 <= position < len(names) else None


def cell(feature, value):
    return number(value) if feature.kind == "number" else category(value, feature.categories)


def reference(records):
    """Rows of numbers and None, and which (row, column) is at fault; column None: the row is."""
    rows, faults = [], set()
    for place, record in enumerate(records):
        row = [cell(feature, record.get(feature.name)) for feature in CONTRACT.features]
        if all(value is None for value in row):
            faults.add((place, None))
        faults |= {
            (place, feature.name)
            for feature, value in zip(CONTRACT.features, row, strict=True)
            if value is not None and value == BAD
        }
        rows.append(row)
    return rows, faults


NUMBERS = st.one_of(
    st.floats(),
    st.integers(-3, 3),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 2**63, 2**64, -0.0, 1e308, 5e-324, Decimal("1.5")]),
)
WORDS = st.sampled_from(["M", "F", "true", "false", "1", "é", "", "nan", "XNA", "f", "12", "x\0"])
PLAIN = st.one_of(st.none(), NUMBERS, WORDS, st.booleans(), st.sampled_from([pd.NA, pd.NaT]))
NESTED = st.sampled_from([[], [1], {}, {"a": 1}, b"F", 1j, (1,), {1}])
WRAPPED = st.one_of(
    st.floats().map(np.float64),
    st.floats(width=32).map(np.float32),
    st.integers(-3, 3).map(np.int8),
    st.booleans().map(np.bool_),
    WORDS.filter(lambda word: "\0" not in word).map(np.array),
    st.floats().map(np.array),
    st.sampled_from([np.array([1.0, 2.0]), np.array(None)]),
)
NAMES = [*CONTRACT.columns, "ID", "other", "__dict__"]
VALUES = st.one_of(PLAIN, PLAIN, PLAIN, WRAPPED, NESTED)
RECORDS = st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8), max_size=6)


def encoded(encode):
    """Rows of numbers and None, or the cells at fault."""
    try:
        matrix = encode()
    except InvalidRows as error:
        return {(problem.row, problem.column) for problem in error.problems}
    assert matrix.dtype == np.float64
    return [[None if math.isnan(value) else value for value in row] for row in matrix.tolist()]


@settings(max_examples=600, deadline=None, derandomize=True)
@given(RECORDS)
def test_records_are_encoded_as_the_reference_says(records):
    rows, faults = reference(records)
    got = encoded(lambda: ENCODER.encode(records).matrix)

    if len(faults) <= MAX_NAMED:
        assert got == (faults or rows)
    else:
        assert got < faults


# One container a column, as tables have them: pandas' and numpy's own types, and plain lists.
def columns_of(rows):
    def sized(values):
        return st.lists(values, min_size=rows, max_size=rows)

    small = st.integers(-3, 3)
    return st.one_of(
        sized(PLAIN),
        sized(PLAIN).map(lambda values: pd.Series(values, dtype=object)),
        sized(st.one_of(st.none(), WORDS)),
        sized(st.one_of(st.none(), WORDS)).map(lambda v: pd.Series(v, dtype="category")),
        sized(st.one_of(st.none(), WORDS)).map(lambda v: pd.Series(v, dtype="string")),
        sized(st.floats()).map(lambda values: np.array(values, dtype=np.float64)),
        sized(st.floats(width=32)).map(lambda values: np.array(values, dtype=np.float32)),
        sized(small).map(lambda values: np.array(values, dtype=np.int8)),
        sized(small).map(lambda values: pd.Series(values, dtype=np.int64)),
        sized(st.one_of(st.none(), small)).map(lambda v: pd.Series(v, dtype="Int64")),
        sized(st.booleans()).map(lambda values: np.array(values, dtype=bool)),
        sized(st.one_of(st.none(), st.booleans())).map(lambda v: pd.Series(v, dtype="boolean")),
    )


TABLES = st.integers(1, 6).flatmap(
    lambda rows: st.dictionaries(st.sampled_from(NAMES), columns_of(rows), min_size=1).map(
        lambda columns: (rows, columns)
    )
)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(TABLES)
def test_columns_are_encoded_as_the_reference_says_of_their_rows(table):
    count, columns = table
    lists = {name: list(values) for name, values in columns.items()}
    records = [{name: values[row] for name, values in lists.items()} for row in range(count)]
    rows, faults = reference(records)
    faults = {(row, name) for row, name in faults if name}  # training allows empty rows
    got = encoded(lambda: ENCODER.encode_columns(columns, count))

    if not faults:
        assert got == rows
        return
    # Numbers that stand as text beside a cell that is none are not at fault: see the contract.
    as_text = {(row, name) for row, name in faults if is_number(records[row][name])}
    assert got <= faults
    assert got >= faults - as_text
    assert got


def is_number(value):
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)
