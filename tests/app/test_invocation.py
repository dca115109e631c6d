"""What is counted, and refused, before MLflow makes a table of a body."""

import io
import json
import time

import pandas as pd
import pytest

from app.errors import (
    NotJson,
    TooManyColumns,
    TooManyParts,
    TooManyRows,
    UnpacksTooLarge,
    UnreadableInput,
)
from app.invocation import CSV, PARQUET, SMALL_BYTES, UNPACKED_TIMES, check_invocation
from app.payload import MAX_DEPTH

JSON = "application/json"
MAX_BYTES = 1_000_000


def check(body, content_type=JSON, max_rows=3):
    """The number of rows."""
    return invocation(body, content_type, max_rows).rows


def invocation(body, content_type=JSON, max_rows=3):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return check_invocation(body, content_type, max_rows, MAX_BYTES)


def parquet(**columns):
    file = io.BytesIO()
    pd.DataFrame(columns).to_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("payload", "rows"),
    [
        ({"inputs": [{}, {}]}, 2),
        ({"dataframe_records": [{}, {}, {}]}, 3),
        ({"dataframe_split": {"columns": ["a"], "data": [[1], [2]]}}, 2),
        ({"dataframe_split": {"columns": ["a"], "data": {"a": [1, 2, 3]}}}, 3),
        ({"instances": {"a": [1, 2, 3], "b": [1, 2, 3]}}, 3),
        ({"inputs": {"a": 1}}, 1),
        ({"inputs": 1}, None),
        ({}, None),
        ([], None),
        (3, None),
        ("text", None),
        (None, None),
    ],
)
def test_rows_of_each_of_mlflows_json_formats_are_counted(payload, rows):
    assert check(payload) == rows


def test_rows_of_csv_and_parquet_are_counted():
    assert check(b"A,B\n1,2\n3,4\n", CSV) == 2
    assert check(parquet(A=[1, 2, 3]), PARQUET) == 3


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, {"inputs": [{}, {}, {}, {}]}),
        (CSV, b"A\n1\n2\n3\n4\n"),
        (CSV, b"A\n\n\n\n\n"),
        (PARQUET, parquet(A=[1, 2, 3, 4])),
    ],
)
def test_too_many_rows_are_refused(content_type, body):
    with pytest.raises(TooManyRows, match="3 rows"):
        check(body, content_type)


@pytest.mark.parametrize(
    "payload",
    [
        {"dataframe_split": {"index": [1] * 9, "columns": ["a", "b"], "data": None}},
        {"dataframe_split": {"columns": ["a"], "data": {"a": {f"{n}": 1 for n in range(9)}}}},
        {"dataframe_records": {f"{n}": {f"row {n}": 1} for n in range(9)}},
    ],
)
def test_rows_that_would_only_come_of_filling_up_are_counted_too(payload):
    with pytest.raises(TooManyRows):
        check(payload)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, {"inputs": [{f"{n}": 1 for n in range(10_001)}]}),
        (JSON, {"dataframe_records": [{f"{n}": 1 for n in range(r, 20_000, 2)} for r in (0, 1)]}),
        (JSON, {"inputs": {f"{n}": [1] for n in range(10_001)}}),
        (JSON, {"dataframe_split": {"columns": ["a"], "data": [[0] * 10_001, []]}}),
        (JSON, {"dataframe_split": {"columns": ["a"] * 10_001, "data": []}}),
        (CSV, b"A" + b"," * 10_001 + b"\n1\n"),
        (CSV, b"A\n" + b"," * 10_001),
    ],
)
def test_too_many_columns_are_refused_because_every_row_would_be_filled_up_to_them(
    content_type, body
):
    with pytest.raises(TooManyColumns):
        check(body, content_type)


def test_many_rows_of_the_same_columns_are_not_too_many_columns():
    assert check({"inputs": [{f"{n}": 1 for n in range(5000)}] * 3}) == 3


def test_parquet_that_unpacks_to_far_more_than_a_body_may_have_is_refused():
    body = parquet(A=["x" * 2 * UNPACKED_TIMES * MAX_BYTES])

    assert len(body) < 4 * MAX_BYTES
    with pytest.raises(UnpacksTooLarge, match=f"{UNPACKED_TIMES * MAX_BYTES} bytes"):
        check(body, PARQUET)


LONG = "x" * (UNPACKED_TIMES * MAX_BYTES // 40)
"""Twenty of these take, at 4 bytes a character, twice what is allowed."""


@pytest.mark.parametrize(
    "payload",
    [
        {"inputs": {"A": [LONG, *"a" * 19]}},
        {"inputs": {"A": [[LONG, 1], *[[2, 3]] * 9]}},
        {"inputs": {"A": [LONG, *"a" * 10], "B": [LONG, *"b" * 10]}},
        {"inputs": [{"A": 1}, {"A": [LONG, *"a" * 19]}]},
        {"inputs": [[LONG], *["a"] * 19]},
        {"instances": [{"A": LONG}, *[{"A": "a"}] * 19]},
        {"instances": {"A": [LONG, *"a" * 19]}},
    ],
)
def test_texts_that_numpy_would_pad_to_far_more_than_a_body_may_have_are_refused(payload):
    with pytest.raises(UnpacksTooLarge):
        check(payload, max_rows=20)


@pytest.mark.parametrize(
    "payload",
    [
        {"inputs": [{"A": LONG}, *[{"A": "a"}] * 19]},
        {"inputs": {"A": [LONG], "B": ["b"] * 20}},
        {"instances": [{"A": LONG}, *[{"B": "a"}] * 19]},
        {"dataframe_records": [{"A": LONG}, *[{"A": "a"}] * 19]},
        {"dataframe_split": {"columns": ["A"], "data": [[LONG], *[["a"]] * 19]}},
    ],
)
def test_a_long_text_that_no_other_is_padded_to_is_not(payload):
    assert check(payload, max_rows=20) == 20


def test_params_of_a_large_body_are_to_be_tried_alone():
    clients, params = [{"A": "x" * SMALL_BYTES}], {"threshold": "a", "more": [1]}

    assert invocation({"inputs": [{"A": 1}], "params": params}).params_alone is None
    assert invocation({"inputs": clients}).params_alone is None
    assert invocation({"inputs": clients, "params": None}).params_alone is None
    alone = invocation({"inputs": clients, "params": params}).params_alone
    assert json.loads(alone) == {"inputs": [], "params": params}
    assert invocation({"inputs": clients, "params": []}).params_alone


@pytest.mark.parametrize("key", ["messages", "prompt", "input"])
def test_a_conversation_is_refused_since_mlflow_would_take_it_for_a_table_of_any_length(key):
    with pytest.raises(UnreadableInput):
        check({key: 1, "AGE": [1] * 100})


def test_a_nul_is_refused_in_json_and_csv():
    with pytest.raises(NotJson, match="NUL"):
        check({"inputs": [{"A": "x\0"}]})
    with pytest.raises(UnreadableInput):
        check(b"A\nx\0\n", CSV)


def test_a_key_given_twice_is_refused_at_any_level():
    with pytest.raises(NotJson, match="twice"):
        check(b'{"inputs": [{"A": 1, "A": 2}]}')
    with pytest.raises(NotJson, match="twice"):
        check(b'{"inputs": [], "params": {"threshold": 1, "threshold": 0}}')
    assert check(b'{"inputs": [{"A": "b:c"}], "params": {"threshold": 1}}') == 1


def test_nesting_that_mlflow_could_not_read_is_refused():
    deep = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)

    assert check(deep[1:-1]) is None
    with pytest.raises(NotJson, match="nesting"):
        check(deep)


@pytest.mark.parametrize("part", [b"{}", b"[]"])
def test_more_objects_and_lists_than_any_rows_need_are_refused_unread(part):
    body = b'{"inputs": {"A": [%b]}}' % b",".join([part] * 100_000)

    with pytest.raises(TooManyParts, match="100000 objects and lists"):
        check(body)


def test_eight_megabytes_of_anything_are_judged_in_seconds():
    started = time.process_time()
    for part in (b"{},", b"[],", b'{"a":1,"a":2},', b"0,", b'":",'):
        body = b'{"inputs": [%b0]}' % (part * (8_000_000 // len(part)))
        with pytest.raises((TooManyParts, TooManyRows, NotJson)):
            check(body)
    assert time.process_time() - started < 60
