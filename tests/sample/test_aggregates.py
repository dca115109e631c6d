"""The published aggregates, computed by SQL, against pandas and against their conventions."""

import math

import duckdb
import numpy as np
import pandas as pd
import pytest

from sample.aggregates import definitions, expression
from sample.describe import describe
from sample.facts import load
from sample.families import APPLICATION, HISTORY
from sample.per_client import Aggregates
from sample.published import CENTRES, Figures, published
from sample.tables import Tables

NAMES = tuple(published().aggregates)
PREFIXES = tuple(family.prefix for family in HISTORY)


def told(line):
    """Progress that nobody reads."""


@pytest.fixture(scope="module")
def found(folder):
    facts = load()
    return describe(Tables(folder, facts), definitions(NAMES, facts), facts, told)


@pytest.fixture(scope="module")
def by_pandas(frames):
    """{prefix: the rows that its aggregates are over, with dummies}, and "" for the clients."""
    clients = pd.concat([frames["application_train"], frames["application_test"]])
    clients = clients[clients["CODE_GENDER"] != "XNA"]
    months = dummies(frames["bureau_balance"]).drop(columns="STATUS", errors="ignore")
    of_credit = months.groupby("SK_ID_BUREAU")
    rolled = of_credit.mean().drop(columns="MONTHS_BALANCE").add_suffix("_MEAN")
    rolled["MONTHS_BALANCE_MIN"] = of_credit["MONTHS_BALANCE"].min()
    rolled["MONTHS_BALANCE_MAX"] = of_credit["MONTHS_BALANCE"].max()
    rolled["MONTHS_BALANCE_SIZE"] = of_credit.size()
    bureau = dummies(frames["bureau"]).join(rolled, on="SK_ID_BUREAU")
    previous = dummies(frames["previous_application"])
    previous["APP_CREDIT_PERC"] = previous["AMT_APPLICATION"] / previous["AMT_CREDIT"]
    paid = frames["installments_payments"].copy()
    paid["PAYMENT_PERC"] = paid["AMT_PAYMENT"] / paid["AMT_INSTALMENT"]
    paid["PAYMENT_DIFF"] = paid["AMT_INSTALMENT"] - paid["AMT_PAYMENT"]
    late = paid["DAYS_ENTRY_PAYMENT"] - paid["DAYS_INSTALMENT"]
    paid["DPD"], paid["DBD"] = late.clip(lower=0).fillna(0), (-late).clip(lower=0).fillna(0)
    rows = {
        "BURO_": bureau,
        "ACTIVE_": bureau[bureau["CREDIT_ACTIVE_Active"] == 1],
        "CLOSED_": bureau[bureau["CREDIT_ACTIVE_Closed"] == 1],
        "PREV_": previous,
        "APPROVED_": previous[previous["NAME_CONTRACT_STATUS_Approved"] == 1],
        "REFUSED_": previous[previous["NAME_CONTRACT_STATUS_Refused"] == 1],
        "POS_": dummies(frames["POS_CASH_balance"]),
        "INSTAL_": paid,
        "CC_": dummies(frames["credit_card_balance"]),
    }
    kept = set(clients["SK_ID_CURR"])
    rows = {prefix: part[part["SK_ID_CURR"].isin(kept)] for prefix, part in rows.items()}
    return {"": clients_by_pandas(clients), **rows}


def dummies(frame):
    return pd.get_dummies(frame, dummy_na=True, dtype=float)


def clients_by_pandas(clients):
    clients = clients.copy()
    for column, one in {"CODE_GENDER": "F", "FLAG_OWN_CAR": "Y", "FLAG_OWN_REALTY": "N"}.items():
        clients[column] = (clients[column] == one).astype(float)
    clients = pd.get_dummies(clients, dtype=float)
    clients["DAYS_EMPLOYED"] = clients["DAYS_EMPLOYED"].replace(365243, np.nan)
    clients["DAYS_EMPLOYED_PERC"] = clients["DAYS_EMPLOYED"] / clients["DAYS_BIRTH"]
    clients["INCOME_CREDIT_PERC"] = clients["AMT_INCOME_TOTAL"] / clients["AMT_CREDIT"]
    clients["INCOME_PER_PERSON"] = clients["AMT_INCOME_TOTAL"] / clients["CNT_FAM_MEMBERS"]
    clients["ANNUITY_INCOME_PERC"] = clients["AMT_ANNUITY"] / clients["AMT_INCOME_TOTAL"]
    clients["PAYMENT_RATE"] = clients["AMT_ANNUITY"] / clients["AMT_CREDIT"]
    return clients


def expected(rows, name, prefix):
    """The aggregate of every client; None for a category that this sample lacks."""
    if not prefix:
        return rows.get(name)
    base, _, statistic = name.removeprefix(prefix).rpartition("_")
    groups = rows.groupby("SK_ID_CURR")
    if statistic in ("SIZE", "COUNT") and not base.endswith("_SIZE"):
        return groups.size()
    if base not in rows:
        return None
    values = groups[base].agg(statistic.lower())
    if statistic in ("MEAN", "SUM", "VAR") and np.isinf(rows[base]).any():
        infinite = np.isinf(rows[base]).groupby(rows["SK_ID_CURR"]).any()
        values = values.mask(infinite)
    return values


def prefix_of(name):
    return next((prefix for prefix in PREFIXES if name.startswith(prefix)), "")


@pytest.mark.parametrize("prefix", ["", *PREFIXES])
def test_figures_are_those_that_pandas_finds(found, by_pandas, prefix):
    for name in (name for name in NAMES if prefix_of(name) == prefix):
        here, values = found.aggregates[name], expected(by_pandas[prefix], name, prefix)
        if values is None:
            assert here.mean == here.max == 0, name
            continue
        known = values.astype(float).replace([np.inf, -np.inf], np.nan)
        there = values.astype(float).describe()
        got = [here.count, here.mean, here.std, here.min, here.q25, here.median, here.q75, here.max]
        wanted = [there["count"], known.mean(), known.std(), *there.iloc[3:]]
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True), name


def test_every_published_aggregate_has_a_definition():
    assert len(NAMES) == 797
    defined = definitions(NAMES, load())
    assert defined.unknown == ()
    assert {name for sqls in defined.families.values() for name in sqls} == {*NAMES}


@pytest.mark.parametrize("name", ["CC_SK_DPD_MEDIAN", "PREV_NO_SUCH_MEAN", "NAME_CONTRACT_TYPE"])
def test_a_name_that_no_definition_fits_is_told(name):
    defined = definitions([name, "CC_COUNT"], load())
    assert defined.unknown == (name,)
    assert f"Not covered: 1 ({name})" in Aggregates((), 2, 1, defined.unknown).summary()


def value(name, **columns):
    """An aggregate over rows of one client, given as columns."""
    family = next(family for family in (*HISTORY, APPLICATION) if name.startswith(family.prefix))
    rows = pd.DataFrame(columns, dtype="Float64")
    sql = expression(family, name.removeprefix(family.prefix), load())
    return duckdb.connect().register("rows", rows).execute(f"SELECT {sql} FROM rows").fetchone()[0]


def test_a_sum_of_no_value_is_zero_and_a_mean_is_missing():
    assert value("INSTAL_AMT_PAYMENT_SUM", AMT_PAYMENT=[None, None]) == 0
    assert value("INSTAL_AMT_PAYMENT_MEAN", AMT_PAYMENT=[None, None]) is None
    assert value("CC_AMT_BALANCE_VAR", AMT_BALANCE=[5]) is None


@pytest.mark.parametrize(
    ("statistic", "wanted"),
    [("MAX", math.inf), ("MEAN", None), ("SUM", None), ("VAR", None)],
)
def test_one_payment_over_nothing_due_leaves_only_the_maximum(statistic, wanted):
    rows = {"AMT_PAYMENT": [10, 5, 0], "AMT_INSTALMENT": [10, 0, 0]}
    assert value(f"INSTAL_PAYMENT_PERC_{statistic}", **rows) == wanted


def test_a_payment_of_unknown_date_is_neither_late_nor_early():
    rows = {"DAYS_ENTRY_PAYMENT": [None, -5, -12], "DAYS_INSTALMENT": [-9, -10, -10]}
    assert value("INSTAL_DPD_MEAN", **rows) == pytest.approx(5 / 3)
    assert value("INSTAL_DBD_SUM", **rows) == 2


def test_income_per_person_of_a_family_of_unknown_size_is_missing():
    rows = {"AMT_INCOME_TOTAL": [900], "CNT_FAM_MEMBERS": [None]}
    assert value("INCOME_PER_PERSON", **rows) is None


def test_clients_of_gender_xna_are_left_out(frames, found):
    genders = pd.concat([frames[f"application_{part}"] for part in ("train", "test")])
    assert found.clients == (genders["CODE_GENDER"] != "XNA").sum()


def figures(**changed):
    same = {"count": 10, "mean": 5, "std": 2, "min": 0, "q25": 4, "median": 5, "q75": 6, "max": 9}
    return Figures(**{**same, **changed})


def test_distances_are_in_published_standard_deviations():
    assert figures().shift(figures()) == 0
    assert figures().shift(figures(mean=6, q75=9)) == 1.5
    assert figures(std=math.nan).distance(figures(mean=6), "mean") == 0.5
    assert figures(std=0, q25=5, q75=5).unit == 1


def test_a_figure_that_is_not_found_is_infinitely_far_and_one_not_published_is_not():
    nothing = dict.fromkeys(CENTRES, math.nan)
    assert figures().shift(figures(**nothing)) == math.inf
    assert figures(**nothing).shift(figures()) == 0
