import re

import numpy as np
import pyarrow as pa
import pytest

from scoring_model.explanations import covers
from train.data.dataset import encode
from train.home_credit.build import DECLARED
from train.home_credit.factors import catalogue, declared, factors
from train.home_credit.schema import APPLICATION, CLIENT, TARGET, kinds

RAW = [name for name in kinds(APPLICATION) if name not in (CLIENT, TARGET)]


def dataset(id, **columns):
    rows = len(next(iter(columns.values())))
    table = pa.table({id: range(rows), "y": [0, 1] * (rows // 2), **columns})
    return encode(table, id, "y", [].append)


@pytest.fixture(scope="module")
def home_credit():
    """A data set with every published and every aggregated column, and so every derived one."""
    random = np.random.default_rng(0)
    words = [name for name, kind in kinds(APPLICATION).items() if kind == "text"]
    columns = {
        name: random.choice(["a", "b"], 200) if name in words else random.random(200)
        for name in [*RAW, *sorted(DECLARED)]
    }
    columns["DAYS_BIRTH"] = -10_000 - 5000 * random.random(200)
    return dataset(CLIENT, **columns)


@pytest.fixture(scope="module")
def grouped(home_credit):
    return {factor.code: factor for factor in factors(home_credit)}


def test_every_column_is_in_one_factor(home_credit, grouped):
    assert covers(grouped.values(), home_credit.contract.columns, home_credit.columns)


def test_the_catalogue_knows_every_column_of_home_credit(home_credit):
    assert any("_BY_PEERS" in name for name in home_credit.columns)
    assert [name for name in home_credit.columns if declared(name) is None] == []


def test_every_factor_of_the_catalogue_comes_up_and_has_words_in_both_languages(grouped):
    assert set(grouped) == {entry.code for entry in catalogue()}
    for factor in grouped.values():
        for words in (factor.en, factor.fr):
            assert re.fullmatch(r"[a-zâéèêl'].{8,95}[^.]", words)
            assert not re.search(r"[A-Z]{2}|_", words)
        assert factor.en != factor.fr
        assert re.match(r"(le|la|les|ce|l'|un|une)\b", factor.fr)


@pytest.mark.parametrize(
    ("code", "columns"),
    {
        "EXTERNAL_SCORES": "EXT_SOURCE_1 EXT_SOURCE_1_TO_AGE EXT_SOURCE_MEAN EXT_SOURCE_MISSING "
        "EXT_SOURCE_1_MINUS_MEAN_BY_PEERS EXT_SOURCE_MEAN_MINUS_MEAN_BY_TERM",
        "LOAN_TERM": "AMT_ANNUITY TERM INTEREST_MEAN EXT_SOURCE_1_MEAN_BY_TERM",
        "LOAN_AMOUNT": "AMT_CREDIT AMT_GOODS_PRICE CREDIT_TO_GOODS AMT_CREDIT_MINUS_MEAN_BY_TERM",
        "INCOME": "AMT_INCOME_TOTAL CREDIT_TO_INCOME INCOME_PER_CHILD",
        "AGE": "DAYS_BIRTH AGE_AT_PAY_OFF AGE_MINUS_MEAN_BY_PEERS",
        "EMPLOYMENT": "DAYS_EMPLOYED NOT_EMPLOYED EMPLOYED_TO_BIRTH FLAG_EMP_PHONE",
        "OCCUPATION": "OCCUPATION_TYPE AGE_MEAN_BY_PEERS EXT_SOURCE_3_STD_BY_PEERS",
        "BUILDING": "APARTMENTS_AVG APARTMENTS_MODE APARTMENTS_MEDI MISSING_COUNT",
        "BUREAU_DEBTS": "BUREAU_DEBT_SUM BUREAU_ACTIVE_DEBT_TO_CREDIT BUREAU_CARD_DEBT_SUM",
        "BUREAU_LATENESS": "BUREAU_OVERDUE_MAX BUREAU_OVERDUE_TO_DEBT BUREAU_MAX_OVERDUE_MEAN "
        "BUREAU_LATE_MONTHS_MEAN BUREAU_STATUS_1_MEAN BUREAU_LATE_MONTHS_SHARE_12M",
        "BUREAU_AMOUNTS": "BUREAU_CREDIT_SUM BUREAU_ACTIVE_CREDIT_MEAN BUREAU_CREDIT_LAST1",
        "BUREAU_HISTORY": "BUREAU_DAYS_CREDIT_MEAN BUREAU_ACTIVE_DAYS_CREDIT_MIN BUREAU_MONTHS_SUM "
        "BUREAU_ENDDATE_MAX BUREAU_STATUS_C_MEAN",
        "BUREAU_CREDITS": "BUREAU_COUNT BUREAU_ACTIVE_SHARE BUREAU_ACTIVE_COUNT BUREAU_COUNT_6M",
        "PREVIOUS_REFUSALS": "PREV_REFUSED_SHARE PREV_REFUSED_COUNT PREV_REJECT_SCO_SHARE",
        "PREVIOUS_TERMS": "PREV_INTEREST_MEAN PREV_CNT_PAYMENT_MEAN PREV_TERM_LAST1",
        "PREVIOUS_APPLICATIONS": "PREV_COUNT PREV_CASH_COUNT PREV_XSELL_SHARE",
        "PAYMENT_LATENESS": "INSTAL_DPD_MEAN INSTAL_LATE_SHARE_60D POS_DPD_DEF_MAX POS_LATE_SHARE",
        "PAYMENT_SHORTFALLS": "INSTAL_SHORTFALL_SUM INSTAL_PAYMENT_DIFF_MEAN INSTAL_PAID_TO_DUE",
        "CARD_BALANCE": "CARD_UTILISATION_MEAN CARD_BALANCE_2M_TO_ALL CARD_LIMIT_MEAN",
    }.items(),
)
def test_columns_that_measure_the_same_thing_are_one_factor(grouped, code, columns):
    assert set(columns.split()) <= set(grouped[code].columns)


def test_codes_stay_when_columns_go(grouped):
    fewer = dataset(CLIENT, EXT_SOURCE_2=[0.1, 0.2], DAYS_BIRTH=[-9000, -12000], OTHER=[1, 2])
    found = {factor.code: factor for factor in factors(fewer)}
    assert set(found) == {"EXTERNAL_SCORES", "AGE", "OTHER"}
    assert found["EXTERNAL_SCORES"].inputs == ("EXT_SOURCE_2",)
    assert found["EXTERNAL_SCORES"].columns == ("EXT_SOURCE_2", "EXT_SOURCE_2_TO_AGE")
    assert found["AGE"].en == grouped["AGE"].en


def test_of_another_data_set_correlated_numbers_are_one_factor():
    random = np.random.default_rng(0)
    first, alone = random.random(500), random.random(500)
    made = dataset(
        "id",
        AMT_CREDIT=first,
        again=np.where(random.random(500) < 0.1, np.nan, np.exp(first)),
        against=-(first**3),
        alone=alone,
        word=random.choice(["a", "b"], 500),
    )
    found = factors(made)
    assert [factor.code for factor in found] == ["AMT_CREDIT", "ALONE", "WORD"]
    assert found[0].inputs == ("AMT_CREDIT", "again", "against")
    assert found[0].en == "the value of “AMT_CREDIT” and of columns like it"
    assert found[1].fr == "la valeur de « alone »"


def test_codes_of_strange_names_are_plain_and_distinct():
    made = dataset("id", **{"a b": ["x", "y"], "a-b": ["x", "y"], "!": ["x", "y"], "été": [1, 2]})
    assert [factor.code for factor in factors(made)] == ["A_B", "A_B_2", "COLUMN", "ÉTÉ"]
