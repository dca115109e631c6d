import ibis
import pytest

from train.data.exclude import check_excluded, without
from train.data.tables import Tables
from train.errors import MissingColumn
from train.options import application


@pytest.fixture
def tables():
    application = ibis.memtable({"id": [1], "y": [0], "a": [1.0], "b": [2.0]})
    return Tables(None, application, {}, (), "id", "y", home_credit=False)


def test_columns_go_before_anything_is_made_of_them(tables):
    assert list(without(tables, ["a"]).application.columns) == ["id", "y", "b"]
    assert without(tables, []) is tables


def test_what_is_made_later_goes_then(tables):
    built = without(tables, ["a", "made"]).application.mutate(made=1)
    assert list(check_excluded(tables, built, ["a", "made"]).columns) == ["id", "y", "b"]


@pytest.mark.parametrize("column", ["c", "A", "id", "y"])
def test_what_is_no_feature_cannot_be_excluded(tables, column):
    built = without(tables, [column]).application
    with pytest.raises(MissingColumn, match=f"no column {column} "):
        check_excluded(tables, built, [column])


@pytest.mark.parametrize(
    ("text", "columns"),
    [("a", ("a",)), ("a, b,", ("a", "b")), ("", ()), ("my column", ("my column",))],
)
def test_the_command_line_takes_names_with_commas_between(text, columns):
    options = application("train")(["--exclude", text], result_action="return_value")
    assert options.exclude == columns
