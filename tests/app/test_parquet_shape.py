"""The size of a Parquet table from its headers, held against files that pyarrow wrote."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.parquet_shape import parquet_shape
from app.thrift import NotThrift, Reader

ROWS = 700
RANDOM = np.random.default_rng(0)
TABLE = pa.table(
    {
        "id": np.arange(ROWS),
        "amount": pa.array(RANDOM.random(ROWS), mask=RANDOM.random(ROWS) < 0.3),
        "flag": RANDOM.random(ROWS) < 0.5,
        "name": [f"name {number % 50}" for number in range(ROWS)],
        "empty": pa.nulls(ROWS),
        "day": pa.array([0] * ROWS, pa.date32()),
    }
)


def written(table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "none"},
        {"compression": "gzip"},
        {"compression": "zstd"},
        {"data_page_version": "2.0"},
        {"use_dictionary": False},
        {"row_group_size": 100},
        {"data_page_size": 64, "write_batch_size": 8},
        {"write_page_index": True, "store_schema": False},
        {"version": "1.0", "write_statistics": False},
        {"use_dictionary": False, "column_encoding": {"name": "DELTA_BYTE_ARRAY"}},
    ],
)
def test_rows_columns_and_bytes_are_told_of_every_kind_of_file(options):
    shape = parquet_shape(written(TABLE, **options))

    assert shape.rows == ROWS
    assert shape.columns == len(TABLE.column_names) + 1
    assert TABLE.drop_columns("empty").nbytes < shape.unpacked < 100 * TABLE.nbytes


def test_a_table_without_rows_is_one():
    assert parquet_shape(written(TABLE.slice(0, 0))).rows == 0


def test_a_table_of_hundreds_of_columns_in_small_groups_is_still_read():
    table = pa.table({f"column_{number}": RANDOM.random(1000) for number in range(600)})

    assert parquet_shape(written(table, row_group_size=250))[:2] == (1000, 601)


def test_what_is_packed_tight_is_told_at_its_full_size():
    packed = written(pa.table({"a": ["x" * 100_000_000]}), compression="zstd", use_dictionary=False)

    assert len(packed) < 100_000
    assert parquet_shape(packed).unpacked > 100_000_000


def test_a_long_text_that_every_row_repeats_is_told_as_often():
    packed = written(pa.table({"a": ["x" * 100_000] * 1000}))

    assert len(packed) < 300_000
    assert parquet_shape(packed).unpacked > 100_000 * 1000


def test_a_list_of_many_values_in_one_row_is_told_by_its_values():
    packed = written(pa.table({"a": [[0] * 10_000_000]}))

    assert len(packed) < 100_000
    assert parquet_shape(packed).unpacked > 10_000_000


@pytest.mark.parametrize("body", [b"", b"PAR1", b"PAR1" * 3, b"PAR1\0\0\0\0PAR1", b"x" * 1000])
def test_what_is_no_parquet_is_refused(body):
    with pytest.raises(NotThrift):
        parquet_shape(body)


def test_a_damaged_file_is_refused_or_read_and_nothing_else():
    whole = written(TABLE.slice(0, 20))
    random = np.random.default_rng(1)
    for _ in range(3000):
        damaged = bytearray(whole)
        for place in random.integers(4, len(whole) - 8, 3):
            damaged[place] = random.integers(0, 256)
        try:
            shape = parquet_shape(bytes(damaged))
        except NotThrift:
            continue
        assert min(shape) >= 0


@pytest.mark.parametrize(
    "data",
    [
        b"\x1c" * 100_000,  # a struct in a struct in a struct
        b"\x19\xfc\xff\xff\xff\xff\x0f" + b"\0" * 100,  # a list of four billion structs
        b"\x19\xf3\xff\xff\xff\x7f" + b"\0" * 1_000_000,  # a long list of bytes
        b"\x18\xff\xff\xff\xff\x0f",  # four gigabytes of text
        b"\x16" + b"\xff" * 20,  # a number without an end
        b"\x1b\x01\x55\x02\x02\0",  # a map
        b"\x15\x02",  # no end
    ],
)
def test_structs_that_state_more_than_there_is_are_refused_at_once(data):
    with pytest.raises(NotThrift):
        Reader(data).struct_at(0)


def test_all_kinds_of_fields_are_read():
    data = b"\x11\x12\x15\x01\x18\x02ab\x19\x25\x02\x04\x07\x0d"[:-2] + b"\x1c\x15\x06\0\0"

    assert Reader(data).struct_at(0) == {
        1: True,
        2: False,
        3: -1,
        4: b"ab",
        5: [1, 2],
        6: {1: 3},
    }
