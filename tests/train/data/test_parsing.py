import datetime as dt

import pyarrow as pa
import pytest

from train.data.columns import parsed
from train.errors import MissingColumn, TrainError


def read(categories=(), kept=(), **columns):
    lines = []
    return parsed(pa.table(columns), categories, kept, lines.append), lines


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["35 341", "7", None], [35341, 7, None]),
        (["1,234.5", "-12", "0.5"], [1234.5, -12, 0.5]),
        (["1\u202f000", " 2\u00a0000 ", "3'000'000"], [1000, 2000, 3_000_000]),
        (["1e3", "+2", "0"], [1000, 2, 0]),
    ],
)
def test_numbers_written_as_text_are_numbers(texts, numbers):
    table, lines = read(a=texts)
    assert table["a"].to_pylist() == numbers
    assert lines == []


@pytest.mark.parametrize(
    "texts", [["007", "012"], ["12 34", "5 6"], ["a", "b"], ["1.2.3", "4.5.6"]]
)
def test_other_texts_stay_as_they_are(texts):
    table, lines = read(a=texts)
    assert table["a"].to_pylist() == texts
    assert lines == []


def test_a_few_texts_among_numbers_are_missing_and_the_line_says_why():
    table, (line,) = read(a=["1 000"] * 99 + ["unknown"])
    assert table["a"].to_pylist() == [1000] * 99 + [None]
    assert "a" in line
    assert "1 of 100" in line
    assert "unknown" in line


def test_many_texts_among_numbers_make_a_category_and_the_line_says_why():
    table, (line,) = read(a=["1", "2", "3", "old"])
    assert table["a"].type == pa.string()
    assert "1 of 4" in line
    assert "old" in line


def test_dates_are_days_before_the_newest_date_of_the_data():
    table, (line,) = read(
        text=["2024-01-31", None, "2024-01-01"],
        date=[dt.date(2024, 3, 1), dt.date(2024, 1, 31), None],
        time=["2024-03-01T00:00", "2024-02-29T12:00", "2024-02-29 00:00:00"],
    )
    assert table["text"].to_pylist() == [-30, None, -60]
    assert table["date"].to_pylist() == [0, -30, None]
    assert table["time"].to_pylist() == [0, -0.5, -1]
    assert "2024-03-01" in line


def test_columns_with_another_role_stay_as_they_are():
    table, lines = read(kept=["a", "b"], a=["2024-01-31"], b=["1 000"])
    assert table.to_pylist() == [{"a": "2024-01-31", "b": "1 000"}]
    assert lines == []


def test_integers_can_be_declared_categories():
    table, _ = read(["a"], a=[3, None, 1], b=[1, 2, 3])
    assert table["a"].to_pylist() == ["3", None, "1"]
    assert table["b"].type == pa.int64()


@pytest.mark.parametrize("values", [[-1, 2], [3, 75001], [0.5, 1.0]])
def test_what_a_caller_could_mean_as_another_category_is_none(values):
    with pytest.raises(TrainError, match="--categories a"):
        read(["a"], a=values)


def test_a_declared_category_must_be_there():
    with pytest.raises(MissingColumn, match="b"):
        read(["b"], a=[1])
