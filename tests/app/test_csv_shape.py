"""The most rows and columns that a CSV can have, held against what pandas makes of it."""

import io
import time

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.csv_shape import csv_shape

# Without a bare \r: with a space behind, pandas takes one for two lines, or its buffer for full.
PIECES = st.sampled_from(["a", "1", '"', '""', ",", "\n", "\r\n", " ", '"x,y"', '"x\ny"'])


@pytest.mark.parametrize(
    ("body", "rows", "columns"),
    [
        (b"", 0, 1),
        (b"ID,AGE", 0, 2),
        (b"ID,AGE\n", 0, 2),
        (b"ID,AGE\n1,2", 1, 2),
        (b"ID,AGE\r\n1,2\r\n3,4\r\n", 2, 2),
        (b"ID,AGE\r1,2\r", 1, 2),
        (b'ID,NAME\n1,"two\nlines, and a ""word"""\n', 1, 2),
        (b'ID,NAME\n1,5" pipe\n2,5" pipe\n', 2, 2),
        (b'"ID","A\nB",C\n1,2,3\n', 1, 3),
        (b'A\n"never closed\n\n\n', 1, 1),
        (b"A\n" + b"\n" * 1_000_000, 1_000_000, 1),
    ],
)
def test_lines_and_fields_are_counted_outside_of_quotes(body, rows, columns):
    assert csv_shape(body)[:2] == (rows, columns)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_pandas_never_finds_more_than_was_counted(text):
    try:
        frame = pd.read_csv(io.StringIO(text))
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return
    shape = csv_shape(text.encode())
    assert len(frame) <= shape.rows
    assert len(frame.columns) <= shape.columns


@pytest.mark.parametrize(
    "part", [b'"', b'""', b'"\n', b',"', b',""', b',"a"\n', b'\n"""', b"\r", b","]
)
def test_no_body_takes_long(part):
    body = part * (8_000_000 // len(part))
    started = time.process_time()
    csv_shape(body)
    assert time.process_time() - started < 20  # seconds; twice over each byte would take hours
