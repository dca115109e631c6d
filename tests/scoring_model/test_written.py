"""Numbers and dates that come as text."""

import datetime as dt
import math

import pandas as pd
import pytest

from scoring_model.contract import Contract, Feature
from scoring_model.encoding import Encoder
from scoring_model.errors import InvalidRows
from scoring_model.written import days, number

CONTRACT = Contract(
    "id",
    (
        Feature("amount", "number", number_as_text=True),
        Feature("since", "number", days_from="2024-03-01T00:00:00+00:00"),
        Feature("plain", "number"),
    ),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("35 341", 35341), ("1,234.5", 1234.5), (" 2\u00a0000 ", 2000), ("1e3", 1000), ("-12", -12)],
)
def test_a_number_as_text(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "007", "12 34", "unknown", "nan"])
def test_other_text_is_missing(text):
    assert math.isnan(number(text))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2024-01-31", -30),
        ("2024-02-29T12:00", -0.5),
        ("2024-03-02 00:00:00Z", 1),
        (dt.date(2024, 1, 31), -30),
        (pd.Timestamp("2024-02-29 12:00"), -0.5),
        ("2024-02-30", None),
        ("31/01/2024", None),
    ],
)
def test_days_from_a_date(value, found):
    assert days(value, "2024-03-01") == found


@pytest.mark.parametrize(
    "clients",
    [
        [{"id": 1, "amount": "1 000", "since": "2024-02-29"}, {"id": 2, "amount": 5, "since": -3}],
        pd.DataFrame({"id": [1, 2], "amount": ["1 000", "5"], "since": ["2024-02-29", -3]}),
        {"id": [1, 2], "amount": ["1 000", 5.0], "since": [dt.date(2024, 2, 29), -3]},
    ],
    ids=["records", "frame", "columns"],
)
def test_a_caller_may_send_what_training_read(clients):
    assert Encoder(CONTRACT).encode(clients).matrix[:, :2].tolist() == [[1000, -1], [5, -3]]


@pytest.mark.parametrize("column", ["since", "plain"])
def test_text_in_another_column_of_numbers_is_refused(column):
    with pytest.raises(InvalidRows) as refused:
        Encoder(CONTRACT).encode([{"id": 1, "amount": 5, column: "1 000"}])
    assert refused.value.problems[0].column == column


def test_the_contract_keeps_how_columns_are_written():
    assert Contract.from_json(CONTRACT.to_json()) == CONTRACT
