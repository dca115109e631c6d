import math
import statistics

import numpy as np
import pytest
from scipy.optimize import brentq

from train.data import derive
from train.data.application import DOCUMENTS, FEATURES, GAPS

NAN = float("nan")
SOURCES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")


def over(numerator, denominator):
    return numerator / denominator if denominator else NAN


def plainly(raw):
    """Every feature of one client in plain Python, from the published definitions."""
    c = dict(raw)
    gaps = sum(math.isnan(c[name]) for name in GAPS if name != "OWN_CAR_AGE")
    c |= {
        "DAYS_EMPLOYED": NAN if c["DAYS_EMPLOYED"] == 365_243 else c["DAYS_EMPLOYED"],
        "OWN_CAR_AGE": NAN if c["OWN_CAR_AGE"] > 80 else c["OWN_CAR_AGE"],
        "AMT_INCOME_TOTAL": min(c["AMT_INCOME_TOTAL"], 20e6),
        "DAYS_LAST_PHONE_CHANGE": c["DAYS_LAST_PHONE_CHANGE"] or NAN,
    }
    one, two, three = (c[name] for name in SOURCES)
    known = [source for source in (one, two, three) if not math.isnan(source)]
    age = c["DAYS_BIRTH"] / -365.25
    credit, annuity, income = c["AMT_CREDIT"], c["AMT_ANNUITY"], c["AMT_INCOME_TOTAL"]
    scores = {
        "EXT_SOURCE_MEAN": statistics.fmean(known) if known else NAN,
        "EXT_SOURCE_MIN": min(known, default=NAN),
        "EXT_SOURCE_MAX": max(known, default=NAN),
        "EXT_SOURCE_MEDIAN": statistics.median(known) if known else NAN,
        "EXT_SOURCE_STD": statistics.stdev(known) if len(known) > 1 else NAN,
        "EXT_SOURCE_PRODUCT": one * two * three,
        "EXT_SOURCE_WEIGHTED": 2 * one + two + 3 * three,
    }
    rates = [(annuity * n / credit) ** (12 / n) - 1 for n in range(6, 61, 6)]
    rates = [rate for rate in rates if 0 < rate <= 1]
    return {
        **scores,
        **{f"{name}_TO_AGE": c[name] / age for name in SOURCES},
        **{f"{name}_TO_AGE": value / age for name, value in scores.items()},
        "EXT_SOURCE_MISSING": 3 - len(known),
        "TERM": credit / annuity,
        "CREDIT_TO_GOODS": credit / c["AMT_GOODS_PRICE"],
        "GOODS_MINUS_CREDIT": c["AMT_GOODS_PRICE"] - credit,
        "CREDIT_TO_INCOME": credit / income,
        "ANNUITY_TO_INCOME": annuity / income,
        "AGE_AT_PAY_OFF": age + credit / annuity / 12,
        "NOT_EMPLOYED": float(math.isnan(c["DAYS_EMPLOYED"])),
        "INCOME_PER_FAMILY_MEMBER": over(income, c["CNT_FAM_MEMBERS"]),
        "INCOME_PER_CHILD": over(income, 1 + c["CNT_CHILDREN"]),
        "EMPLOYED_TO_BIRTH": c["DAYS_EMPLOYED"] / c["DAYS_BIRTH"],
        "CAR_AGE_TO_BIRTH": c["OWN_CAR_AGE"] / age,
        "CAR_AGE_TO_EMPLOYED": over(c["OWN_CAR_AGE"], c["DAYS_EMPLOYED"] / -365.25),
        "ID_PUBLISH_TO_BIRTH": c["DAYS_ID_PUBLISH"] / c["DAYS_BIRTH"],
        "REGISTRATION_TO_BIRTH": c["DAYS_REGISTRATION"] / c["DAYS_BIRTH"],
        "PHONE_CHANGE_TO_BIRTH": c["DAYS_LAST_PHONE_CHANGE"] / c["DAYS_BIRTH"],
        "DOCUMENT_COUNT": sum(c[name] == 1 for name in DOCUMENTS),
        "MISSING_COUNT": gaps + math.isnan(c["OWN_CAR_AGE"]),
        "INTEREST_MIN": min(rates, default=NAN),
        "INTEREST_MEAN": statistics.fmean(rates) if rates else NAN,
        "INTEREST_MEDIAN": statistics.median(rates) if rates else NAN,
    }


@pytest.fixture(scope="module")
def features(frame):
    """What is made, and what a plain computation gives: both (clients, features)."""
    made = derive.declared(tuple(frame)).restricted_to(FEATURES)
    expected = [plainly(row) for row in frame.to_dict("records")]
    assert set(made.columns) == set(expected[0])
    rows = [[row[name] for name in made.columns] for row in expected]
    return made.columns, made.apply(frame[[*made.inputs]].to_numpy()), np.array(rows)


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_equals_a_plain_computation(features, name):
    columns, made, expected = features
    place = columns.index(name)
    assert np.isfinite(expected[:, place]).any()
    np.testing.assert_allclose(made[:, place], expected[:, place], rtol=1e-9, atol=1e-12)


def test_interest_solves_its_equation():
    annuity, credit = 30_000.0, 600_000.0
    names = ("INTEREST_MIN", "INTEREST_MEAN", "INTEREST_MEDIAN")
    derivation = derive.declared(["AMT_ANNUITY", "AMT_CREDIT"]).restricted_to(names)
    solved = [
        brentq(lambda r, n=n: (1 + r) ** (n / 12) - annuity * n / credit, 1e-9, 1.0, xtol=1e-15)
        for n in range(24, 61, 6)  # 6, 12 and 18 payments do not pay the credit back
    ]
    expected = [min(solved), statistics.fmean(solved), statistics.median(solved)]
    assert derivation.apply(np.array([[annuity, credit]]))[0] == pytest.approx(expected, rel=1e-9)


def test_a_loan_that_no_number_of_payments_pays_back_has_no_interest():
    derivation = derive.declared(["AMT_ANNUITY", "AMT_CREDIT"])
    made = derivation.restricted_to(["INTEREST_MIN", "INTEREST_MEAN", "INTEREST_MEDIAN"])
    assert np.isnan(made.apply(np.array([[1.0, 1e6], [0.0, 1e6], [-5.0, 1e3]]))).all()


def test_a_count_of_documents_sees_those_that_were_sent():
    row = [[1.0, NAN, 0.0, 1.0] + [NAN] * (len(DOCUMENTS) - 4)]
    made = derive.declared(DOCUMENTS).restricted_to(["DOCUMENT_COUNT"])
    assert made.apply(np.array(row)).tolist() == [[2.0]]
