import pytest

from app.errors import InvalidParams, NoParquet, ScorerFailed, UnreadableInput
from app.scorer.refusal import refusal
from scoring_model.errors import InvalidRows, Problem

ROWS = InvalidRows([Problem(3, "AGE", "a number", "SECRET")])


def test_the_models_own_words_on_the_last_line_become_its_error():
    message = f"Failed to predict data '{{'AGE': 'SECRET'}}'. \nError: {ROWS}\n{ROWS.to_json()}"
    error = refusal(400, message)

    assert isinstance(error, InvalidRows)
    assert error.details == ROWS.details
    assert "SECRET" not in str(error.details)


@pytest.mark.parametrize("message", ["", "SECRET", "a\n{}", '{"invalid_rows": []}', "a\n[1"])
def test_any_other_refusal_gets_a_sentence_of_our_own(message):
    error = refusal(400, message)

    assert isinstance(error, UnreadableInput)
    assert "SECRET" not in str(error)


def test_a_breakdown_is_no_fault_of_the_input():
    assert isinstance(refusal(500, "Traceback"), ScorerFailed)


def test_a_reader_of_parquet_that_is_missing_is_named():
    pandas_says = (
        "Unable to find a usable engine; tried using: 'pyarrow', 'fastparquet'.\n"
        "A suitable version of pyarrow or fastparquet is required for parquet support.\n"
    )
    error = refusal(400, f"Failed to parse input as a Pandas DataFrame. Error: '{pandas_says}'")

    assert isinstance(error, NoParquet)
    assert "pyarrow is not installed" in str(error)
    assert "JSON or CSV" in str(error)


@pytest.mark.parametrize(
    "last",
    [
        "Error: Invalid parameters found: {('threshold', 'SECRET')}",
        "Error: Parameters must be a dictionary. Got type 'list'.",
        "Error: parameter threshold must be a number from 0 to 1",
        "scoring_model.refusal.RefusedInput: parameter reasons must be a whole number, 0 or more",
    ],
)
def test_params_that_cannot_be_used_are_told_apart_from_the_input(last):
    error = refusal(400, f"Failed to predict data '[...]'. \n{last}")

    assert isinstance(error, InvalidParams)
    assert "threshold" in str(error)
    assert "SECRET" not in str(error)
