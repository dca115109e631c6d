"""MLflow's formats: four of JSON, CSV and Parquet."""

import datetime
import decimal
import io
import json
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.context import Context
from app.errors import InvalidParams, NoParquet, NoTable, NotCsv, NotJson, NotParquet, TooLarge
from app.requests import MAX_COLUMNS
from app.settings import Settings
from app.tables import CSV, PARQUET, UNPACKED_TIMES, read_invocation

JSON = "application/json"
MAX_BYTES = 1_000_000
LIMITS = Settings.from_environ({"MAX_ROWS": "3", "MAX_BYTES": str(MAX_BYTES)})


def clients(content, content_type=JSON, limits=LIMITS):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"content-type": content_type}
    return read_invocation(Context("POST", "/invocations", headers, body=body), limits, "ID")


def columns(content, content_type=CSV):
    """The table by column."""
    table = clients(content, content_type).table
    return pd.DataFrame(table).to_dict("list") if isinstance(table, list) else table


def parquet(_options=None, /, **data):
    file = io.BytesIO()
    pq.write_table(pa.table(data), file, **(_options or {}))
    return file.getvalue()


TWO = {"ID": [1, 2], "AGE": [30, 40]}
ROWS = [{"ID": 1, "AGE": 30}, {"ID": 2, "AGE": 40}]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ({"inputs": ROWS}, JSON),
        ({"inputs": TWO}, JSON),
        ({"instances": ROWS}, JSON),
        ({"instances": TWO}, JSON),
        ({"dataframe_records": ROWS}, JSON),
        ({"dataframe_split": {"columns": ["ID", "AGE"], "data": [[1, 30], [2, 40]]}}, JSON),
        (b"ID,AGE\n1,30\n2,40\n", CSV),
        (parquet(**TWO), PARQUET),
    ],
)
def test_all_formats_give_the_same_table_and_ids(content, content_type):
    assert columns(content, content_type) == TWO
    assert list(clients(content, content_type).ids) == [1, 2]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ({"inputs": [{"ID": 9007199254740993}, {"AGE": 1}]}, JSON),
        ({"inputs": {"ID": [9007199254740993, None]}}, JSON),
        ({"dataframe_split": {"columns": ["ID"], "data": [[9007199254740993], [None]]}}, JSON),
        (b"ID,AGE\n9007199254740993,1\n,1\n", CSV),
        (parquet(ID=[9007199254740993, None]), PARQUET),
    ],
)
def test_a_missing_id_is_none_and_changes_no_other(content, content_type):
    assert list(clients(content, content_type).ids) == [9007199254740993, None]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [({"inputs": TWO | {"ID": [1, 2]}}, JSON), (b"AGE\n1\n2\n", CSV), (parquet(AGE=[1]), PARQUET)],
)
def test_there_is_an_id_for_each_row_in_every_format(content, content_type):
    got = clients(content, content_type)

    assert len(got.ids) == len(got.table["AGE"])


def test_one_object_is_one_client_and_params_are_read():
    got = clients({"inputs": {"ID": 1, "AGE": 3}, "params": {"reasons": 2}})

    assert (got.table, got.params) == ([{"ID": 1, "AGE": 3}], {"reasons": 2})
    with pytest.raises(InvalidParams):
        clients({"inputs": ROWS, "params": {"reason": 2}})


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        3,
        None,
        {"inputs": 1},
        {"inputs": None},
        {"inputs": [1]},
        {"inputs": [[1]]},
        {"inputs": ROWS, "instances": ROWS},
        {"messages": [{"role": "user"}]},
        {"inputs": {"A": [1], "B": 2}},
        {"inputs": {"A": [1], "B": [1, 2]}},
        {"dataframe_split": []},
        {"dataframe_split": {"columns": ["A"]}},
        {"dataframe_split": {"columns": ["A"], "data": {"A": [1]}}},
        {"dataframe_split": {"columns": ["A"], "data": [[1, 2]]}},
        {"dataframe_split": {"columns": ["A", "B"], "data": [[1]]}},
        {"dataframe_split": {"columns": ["A", "A"], "data": [[1, 2]]}},
        {"dataframe_split": {"columns": [1], "data": [[1]]}},
    ],
)
def test_what_is_no_table_is_refused(content):
    with pytest.raises(NoTable):
        clients(content)


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": [{"A": 1, "A": 2}]}',
        b'{"inputs": {"A": [1], "A": [2]}}',
        b'{"inputs": [], "params": {"threshold": 1, "threshold": 0}}',
        b'{"dataframe_split": {"columns": ["A"], "data": [[1]], "data": [[2]]}}',
        b'{"dataframe_split": {"columns": ["A"], "data": [[{"a": 1, "a": 2}]]}}',
        b'{"inputs": [{"A": "x\\u0000"}]}',
        b'{"inputs": [{"A": NaN}]}',
    ],
)
def test_json_is_as_strict_here_as_elsewhere(body):
    with pytest.raises(NotJson):
        clients(body)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ({"inputs": [{"A": [1, 2]}]}, JSON),
        ({"inputs": {"A": [{"b": 1}]}}, JSON),
        ({"dataframe_split": {"columns": ["A"], "data": [[[1]]]}}, JSON),
        (parquet(A=[[1, 2]]), PARQUET),
        (parquet(A=[{"b": 1}]), PARQUET),
    ],
)
def test_a_nested_value_becomes_an_empty_list_that_every_model_refuses(content, content_type):
    assert columns(content, content_type) == {"A": [[]]}


WIDE = {f"c{number}": 1 for number in range(MAX_COLUMNS + 1)}


@pytest.mark.parametrize(
    ("content", "content_type", "unit"),
    [
        ({"inputs": [{}] * 4}, JSON, "3 rows"),
        ({"inputs": {"A": [1] * 4}}, JSON, "3 rows"),
        ({"dataframe_split": {"columns": [], "data": [[]] * 4}}, JSON, "3 rows"),
        (b"A\n1\n2\n3\n4\n", CSV, "3 rows"),
        (b'\xef\xbb\xbf"A"\n' + b"1\n" * 1_000_000, CSV, "3 rows"),
        (parquet(A=[1] * 4), PARQUET, "3 rows"),
        ({"inputs": [WIDE]}, JSON, "columns"),
        ({"inputs": {name: [1] for name in WIDE}}, JSON, "columns"),
        ({"dataframe_split": {"columns": [*WIDE], "data": []}}, JSON, "columns"),
        (",".join(WIDE).encode(), CSV, "columns"),
        (b"," * 500_000 + b"\n1\n1\n1\n", CSV, "columns"),
        (parquet(**{name: [1] for name in WIDE}), PARQUET, "columns"),
        (parquet({"use_dictionary": False, "compression": "zstd"},
                 A=["x" * (UNPACKED_TIMES * MAX_BYTES + 1)]), PARQUET, "bytes unpacked"),
        (parquet({"compression": "zstd"}, A=["x" * 10_000_000] * 3), PARQUET, "bytes unpacked"),
    ],
)  # fmt: skip
def test_each_limit_holds_in_every_format(content, content_type, unit):
    with pytest.raises(TooLarge, match=unit):
        clients(content, content_type)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("A,B\r\n1,2\r\n3,4\r\n", {"A": [1, 3], "B": [2, 4]}),
        ("A,B\r1,2\r", {"A": [1], "B": [2]}),
        ('\ufeff"A","B"\n1,2', {"A": [1], "B": [2]}),
        ('A,"B, b"\n1,"two\nlines, ""b"""\n', {"A": [1], "B, b": ['two\nlines, "b"']}),
        ("A,B\n1\n", {"A": [1], "B": [None]}),
        ("A,B\n", {"A": [], "B": []}),
        ("A\n1\n\n\n2\n", {"A": [1, 2]}),
        ("A,B\nNA,\nnull,NaN\n", {"A": [None] * 2, "B": [None] * 2}),
        ("A,B\n1.5,True\n-1e3,\n", {"A": [1.5, -1000], "B": [True, None]}),
        ("A\n1\nx\n", {"A": ["1", "x"]}),
        ("A\n1_000\n", {"A": ["1_000"]}),
        ("ID\n1\nb\n", {"ID": ["1", "b"]}),
        ("ID\n1.5\n\n", {"ID": [1.5]}),
        (f"ID\n{2**64}\n", {"ID": [str(2**64)]}),
        (f"ID\n{2**64 - 1}\n", {"ID": [2**64 - 1]}),
        ("ID\n1e999\n", {"ID": ["1e999"]}),
        ("ID,A\n007,0\n", {"ID": [7], "A": [0]}),
    ],
)  # fmt: skip
def test_csv_gives_typed_columns(text, table):
    got = columns(text.encode())

    assert got == table
    assert [list(map(type, got[name])) for name in got if name == "ID"] == [
        list(map(type, values)) for name, values in table.items() if name == "ID"
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no header"),
        (b"\n\n", "no header"),
        (b"A,A\n1,2\n", "twice"),
        (b'"A",A\n1,2\n', "twice"),
        (b"A,B\n9,0.1,0.9\n", "row 0 has 3 fields, the header has 2"),
        (b"A,B\n1,2\n1,2,\n", "row 1"),
        (b'A\n"never closed\n', "line"),
        (b'A\n"x"y\n', "line"),
        (b"A\nx\0\n", "NUL"),
        (b"A\n\xff\n", "UTF-8"),
        (b"A\n" + b"x" * 200_000, "line"),
    ],
)
def test_a_csv_that_would_be_guessed_at_is_refused(body, reason):
    with pytest.raises(NotCsv, match=reason):
        clients(body, CSV)


CELLS = st.sampled_from(["1", "2.5", "-3e2", "", "NA", "text", "true", "False", '"q,""x"', "0"])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=3))
def test_csv_is_read_as_pandas_reads_it(rows):
    text = "A,B\n" + "".join(",".join(row) + "\n" for row in rows)
    read = pd.read_csv(io.StringIO(text)).astype(object)

    assert columns(text.encode()) == read.where(read.notna(), None).to_dict("list")


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "none"},
        {"compression": "gzip"},
        {"data_page_version": "2.0"},
        {"use_dictionary": False},
        {"row_group_size": 1},
        {"version": "1.0", "write_statistics": False},
    ],
)
def test_parquet_is_read_however_it_was_written(options):
    assert columns(parquet(options, **TWO), PARQUET) == TWO


def test_parquet_values_become_those_that_json_has():
    data = {
        "amount": [decimal.Decimal("1.5")],
        "day": [datetime.date(2020, 1, 2)],
        "exact": pa.array([1], pa.timestamp("ns")),
        "flag": [True],
        "kind": pa.array(["a"]).dictionary_encode(),
        "none": pa.nulls(1),
    }
    table = columns(parquet(**data), PARQUET)

    json.dumps(table)
    assert (table["amount"], table["flag"], table["kind"]) == ([1.5], [True], ["a"])
    assert table["day"] == ["2020-01-02"]
    assert table["none"] == [None]


WHOLE = parquet(A=["x" * 100, "y"], B=[1.5, None])


@pytest.mark.parametrize(
    "body", [b"", b"PAR1", b"PAR1\0\0\0\0PAR1", b"x" * 1000, WHOLE[:-20], WHOLE[:4] + WHOLE[20:]]
)
def test_what_is_no_parquet_is_refused(body):
    with pytest.raises(NotParquet):
        clients(body, PARQUET)


def test_without_pyarrow_the_answer_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(NoParquet, match="pyarrow") as caught:
        clients(WHOLE, PARQUET)
    assert caught.value.status == 415
