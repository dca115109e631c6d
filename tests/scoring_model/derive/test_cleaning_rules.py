import numpy as np
import pytest

from train.data import derive
from train.data.application import RULES

NAN = float("nan")


def cleaned(**row):
    derivation = derive.declared(list(row)).restricted_to(row)
    return derivation.apply(np.array([list(row.values())], dtype=float))[0].tolist()


@pytest.mark.parametrize(
    ("column", "wrong", "right"),
    [
        ("DAYS_EMPLOYED", 365_243, -365_243),
        ("DAYS_EMPLOYED", 365_243, 0),
        ("DAYS_LAST_PHONE_CHANGE", 0, -1),
        ("REGION_RATING_CLIENT_W_CITY", -1, 1),
        ("OWN_CAR_AGE", 80.5, 80),
        ("OWN_CAR_AGE", 91, 0),
        ("OBS_30_CNT_SOCIAL_CIRCLE", 348, 40),
        ("OBS_60_CNT_SOCIAL_CIRCLE", 41, 40),
        ("AMT_REQ_CREDIT_BUREAU_QRT", 261, 10),
    ],
)
def test_a_value_that_stands_for_not_known_is_missing(column, wrong, right):
    assert np.isnan(cleaned(**{column: wrong}))
    assert cleaned(**{column: right}) == [right]


def test_an_income_above_20_million_counts_as_20_million():
    assert cleaned(AMT_INCOME_TOTAL=117_000_000) == [20_000_000]
    assert cleaned(AMT_INCOME_TOTAL=20_000_000) == [20_000_000]
    assert cleaned(AMT_INCOME_TOTAL=19_999_999.5) == [19_999_999.5]


def test_what_is_missing_stays_missing():
    assert np.isnan(cleaned(**{rule.column: NAN for rule in RULES})).all()


def test_a_rule_touches_no_other_column():
    assert cleaned(OWN_CAR_AGE=-1, EXT_SOURCE_1=365_243, DAYS_BIRTH=0) == [-1, 365_243, 0]


@pytest.mark.parametrize(("days", "flag"), [(365_243, 1), (NAN, 1), (-1, 0), (0, 0)])
def test_a_flag_tells_who_has_no_employment(days, flag):
    derivation = derive.declared(["DAYS_EMPLOYED"]).restricted_to(["NOT_EMPLOYED"])
    assert derivation.apply(np.array([[days]], dtype=float)).tolist() == [[flag]]


def test_features_are_made_of_cleaned_values():
    inputs = ["OWN_CAR_AGE", "DAYS_EMPLOYED", "AMT_INCOME_TOTAL", "CNT_FAM_MEMBERS"]
    wanted = ["CAR_AGE_TO_EMPLOYED", "INCOME_PER_FAMILY_MEMBER"]
    derivation = derive.declared(inputs).restricted_to(wanted)
    rows = np.array([[91, -365.25, 117e6, 2], [6, 365_243, 1e6, 2], [6, -730.5, 30e6, 4]])
    made = derivation.apply(rows)
    assert np.array_equal(made, [[10e6, NAN], [0.5e6, NAN], [5e6, 3]], equal_nan=True)
