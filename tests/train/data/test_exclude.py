import pyarrow as pa
import pytest

from train.__main__ import main
from train.home_credit.build import made_of


def test_features_made_of_a_column_are_found():
    columns = ("id", "AMT_CREDIT", "BUREAU_CREDIT_MEAN", "ACROSS_CREDIT_TO_BUREAU_CREDIT_MEAN")
    built = pa.table({name: [1.0] for name in columns})
    assert made_of(built, ["AMT_CREDIT"]) == {"ACROSS_CREDIT_TO_BUREAU_CREDIT_MEAN"}
    assert made_of(built, []) == set()


@pytest.mark.parametrize(
    ("text", "columns"),
    [("a", ("a",)), ("a, b,", ("a", "b")), ("", ()), ("my column", ("my column",))],
)
def test_the_command_line_takes_names_with_commas_between(text, columns):
    options = main.application()(["--exclude", text], result_action="return_value")
    assert options.exclude == columns
