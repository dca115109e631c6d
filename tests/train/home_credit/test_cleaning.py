"""One hand-made row per quirk of the history tables."""

from typing import Any

import ibis
import pytest

from train.home_credit.cleaning import RULES, clean, merge_split_payments


def cleaned(table: str, **columns: list[Any]) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = clean(table, ibis.memtable(columns)).to_pyarrow().to_pydict()
    return made


@pytest.mark.parametrize(
    "column",
    ["DAYS_CREDIT", "DAYS_CREDIT_ENDDATE", "DAYS_ENDDATE_FACT", "DAYS_CREDIT_UPDATE"],
)
def test_a_credit_of_over_a_hundred_years_ago_has_no_known_day(column: str) -> None:
    assert cleaned("bureau", **{column: [-42060, -40000, 31199]})[column] == [None, -40000, 31199]


@pytest.mark.parametrize(
    "column",
    [
        "DAYS_FIRST_DRAWING",
        "DAYS_FIRST_DUE",
        "DAYS_LAST_DUE_1ST_VERSION",
        "DAYS_LAST_DUE",
        "DAYS_TERMINATION",
    ],
)
def test_the_thousandth_year_from_now_is_no_day(column: str) -> None:
    assert cleaned("previous_application", **{column: [365243.0, -7.0]})[column] == [None, -7]


@pytest.mark.parametrize("column", ["AMT_CREDIT", "AMT_APPLICATION", "CNT_PAYMENT"])
def test_an_application_for_nothing_has_no_amount(column: str) -> None:
    assert cleaned("previous_application", **{column: [0.0, 4.5]})[column] == [None, 4.5]


def test_only_the_last_entry_of_a_contract_is_kept() -> None:
    made = cleaned(
        "previous_application", FLAG_LAST_APPL_PER_CONTRACT=["Y", "N", None], SK_ID_PREV=[1, 2, 3]
    )
    assert made["SK_ID_PREV"] == [1, 3]


@pytest.mark.parametrize("kind", ["", "ATM_", "OTHER_", "POS_"])
def test_nobody_draws_a_negative_amount(kind: str) -> None:
    column = f"AMT_DRAWINGS_{kind}CURRENT"
    assert cleaned("credit_card_balance", **{column: [-0.01, 0.0]})[column] == [None, 0]


def test_other_columns_and_tables_stay_as_they_are() -> None:
    assert cleaned("POS_CASH_balance", SK_DPD=[0, 365243])["SK_DPD"] == [0, 365243]
    assert cleaned("bureau", AMT_CREDIT_SUM_DEBT=[-4.5])["AMT_CREDIT_SUM_DEBT"] == [-4.5]


def test_not_a_number_is_missing_and_numbers_are_float64() -> None:
    table = ibis.memtable(
        {"AMT_BALANCE": [float("nan"), 1.0], "SK_DPD": [1, 2], "SK_ID_CURR": [1, 2]}
    )
    made = clean("credit_card_balance", table)
    assert made.to_pyarrow()["AMT_BALANCE"].to_pylist() == [None, 1.0]
    assert {c: str(t) for c, t in made.schema().items()} == {
        "AMT_BALANCE": "float64",
        "SK_DPD": "float64",
        "SK_ID_CURR": "int64",
    }


def test_an_instalment_paid_in_parts_is_one_row() -> None:
    table = ibis.memtable(
        {
            "SK_ID_CURR": [1, 1, 1, 1],
            "SK_ID_PREV": [7, 7, 7, 8],
            "NUM_INSTALMENT_NUMBER": [1, 1, 2, 1],
            "DAYS_INSTALMENT": [-30.0, -30.0, -1.0, -5.0],
            "AMT_INSTALMENT": [100.0, 100.0, 100.0, 50.0],
            "AMT_PAYMENT": [60.1, 39.9, 100.0, None],
        }
    )
    made = merge_split_payments(table).order_by("SK_ID_PREV", "NUM_INSTALMENT_NUMBER")
    assert made.select("DAYS_INSTALMENT", "DUE", "PAID").to_pyarrow().to_pylist() == [
        {"DAYS_INSTALMENT": -30, "DUE": 100, "PAID": 100},
        {"DAYS_INSTALMENT": -1, "DUE": 100, "PAID": 100},
        {"DAYS_INSTALMENT": -5, "DUE": 50, "PAID": None},
    ]


def test_every_rule_says_why() -> None:
    assert all(len(rule.why) > 10 for rule in RULES)
    assert sum(rule.drop for rule in RULES) == 1
