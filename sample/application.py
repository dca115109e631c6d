"""The application tables, row by row from the clients' scores."""

import numpy as np
import pyarrow as pa

from sample.block import Block
from sample.clients import Clients
from sample.draw import (
    Bools,
    Columns,
    Floats,
    blank,
    named,
    pick,
    quantile,
    ranks,
    snapped,
)
from sample.facts import Facts, Table
from sample.housing import TYPES, housing_columns, missing_flags, unknown_building
from sample.loan import Loan, loan_columns

NO_JOB = 365243  # DAYS_EMPLOYED of pensioners and the unemployed
FLAG_EMAIL_TEST = 0.1626  # against .0567 in train

# Columns that follow their own score through their published quantiles
SCORED = (
    "DAYS_BIRTH",
    "DAYS_REGISTRATION",
    "DAYS_ID_PUBLISH",
    "DAYS_LAST_PHONE_CHANGE",
    "REGION_POPULATION_RELATIVE",
    "REGION_RATING_CLIENT",
    "HOUR_APPR_PROCESS_START",
    "REG_CITY_NOT_LIVE_CITY",
    "REG_CITY_NOT_WORK_CITY",
    "REG_REGION_NOT_WORK_REGION",
    "FLAG_DOCUMENT_3",
    "FLAG_DOCUMENT_8",
    "FLAG_PHONE",
    "FLAG_WORK_PHONE",
    "FLAG_EMAIL",
)
ENQUIRIES = tuple(
    f"AMT_REQ_CREDIT_BUREAU_{period}" for period in ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR")
)
CIRCLE = tuple(f"{kind}_CNT_SOCIAL_CIRCLE" for kind in ("OBS_30", "DEF_30", "OBS_60", "DEF_60"))
# Documents that nobody in test handed in
TRAIN_ONLY = tuple(f"FLAG_DOCUMENT_{i}" for i in (2, 10, 12, 13, 14, 15, 16, 17, 19, 20, 21))
# From the youngest clients to the oldest
FAMILY_BY_AGE = (
    "Single / not married",
    "Unknown",
    "Civil marriage",
    "Married",
    "Separated",
    "Widow",
)
EDUCATION_BY_SCORE = (
    "Lower secondary",
    "Secondary / secondary special",
    "Incomplete higher",
    "Higher education",
    "Academic degree",
)


def application_columns(block: Block, clients: Clients, loan: Loan, facts: Facts) -> Columns:
    """All columns of both application tables but TARGET, one row per client of the block."""
    table = facts.tables["application_train"]
    rng = block.rng("application")
    unknown = unknown_building(rng, clients)
    columns = _independent(rng, clients, unknown, table)
    columns |= {name: quantile(clients.chance(name), table.columns[name]) for name in SCORED}
    columns |= _person(rng, clients, table)
    columns |= _work(rng, clients, table)
    columns |= _region(rng, columns)
    columns |= _sources(rng, clients, table)
    columns |= _enquiries(rng, clients, table)
    columns |= _circle(rng, table, len(clients))
    columns |= housing_columns(rng, clients, unknown, table)
    columns |= loan_columns(rng, loan, table.columns["AMT_ANNUITY"].missing)
    columns |= {name: np.where(clients.train, columns[name], 0) for name in TRAIN_ONLY}
    email = clients.chance("FLAG_EMAIL") > 1 - np.where(clients.train, 0.0567, FLAG_EMAIL_TEST)
    return columns | {"SK_ID_CURR": clients.sk_id, "FLAG_EMAIL": email}


def _independent(
    rng: np.random.Generator, clients: Clients, unknown: Floats, table: Table
) -> Columns:
    """Every categorical or discrete column by itself; the linked ones are replaced later."""
    columns: Columns = {}
    n = len(clients)
    for fact in table.columns.values():
        p = rng.random(n)
        if fact.shares:
            rates = (fact.missing, fact.missing_test)
            missing = (
                missing_flags(rng, unknown, clients.train, *rates)
                if fact.name in TYPES
                else rng.random(n) < np.where(clients.train, *rates)
            )
            codes = np.where(missing, -1, pick(p, list(fact.shares.values())))
            columns[fact.name] = named(codes, list(fact.shares))
        elif fact.values is not None and fact.name != "TARGET":
            columns[fact.name] = quantile(p, fact)
    return columns


def _person(rng: np.random.Generator, clients: Clients, table: Table) -> Columns:
    n = len(clients)
    family = table.columns["NAME_FAMILY_STATUS"].shares
    older = ranks(-0.45 * clients.scores["DAYS_BIRTH"] + 0.9 * rng.standard_normal(n))
    status = pick(older, [family[name] for name in FAMILY_BY_AGE])
    couple = np.isin(status, [2, 3])
    parent = ranks(clients.scores["CNT_CHILDREN"] + 0.45 * couple)
    children = quantile(parent, table.columns["CNT_CHILDREN"])
    car = ranks(clients.mix(rng.standard_normal(n), AMT_INCOME_TOTAL=0.25, OWN_CAR_AGE=-0.1)) > 0.66
    age = np.full(n, np.nan)
    age[car] = quantile(ranks(clients.scores["OWN_CAR_AGE"][car]), table.columns["OWN_CAR_AGE"])
    education = table.columns["NAME_EDUCATION_TYPE"].shares
    income = quantile(clients.chance("AMT_INCOME_TOTAL"), table.columns["AMT_INCOME_TOTAL"])
    return {
        "NAME_FAMILY_STATUS": named(status, FAMILY_BY_AGE),
        "CNT_CHILDREN": children,
        "CNT_FAM_MEMBERS": children + 1 + couple,
        "FLAG_OWN_CAR": named(car.astype(np.int64), ["N", "Y"]),
        "OWN_CAR_AGE": age,
        "NAME_EDUCATION_TYPE": named(
            pick(clients.chance("education"), [education[name] for name in EDUCATION_BY_SCORE]),
            EDUCATION_BY_SCORE,
        ),
        "AMT_INCOME_TOTAL": snapped(income, 22500.0, (rng.random(n) < 0.75) & (income > 60000)),
    }


def _work(rng: np.random.Generator, clients: Clients, table: Table) -> Columns:
    """Pensioners and the unemployed have no employer, no occupation and the sentinel."""
    n = len(clients)
    works = quantile(clients.chance("FLAG_EMP_PHONE"), table.columns["FLAG_EMP_PHONE"]) > 0
    days = np.full(n, float(NO_JOB))
    own = quantile(ranks(clients.scores["DAYS_EMPLOYED"][works]), table.columns["DAYS_EMPLOYED"])
    age = quantile(clients.chance("DAYS_BIRTH"), table.columns["DAYS_BIRTH"])
    days[works] = np.maximum(own, age[works] + 16 * 365)
    income = dict(table.columns["NAME_INCOME_TYPE"].shares)
    idle = {name: income.pop(name) for name in ("Pensioner", "Unemployed")}
    organization = dict(table.columns["ORGANIZATION_TYPE"].shares)
    del organization["XNA"]
    occupation = table.columns["OCCUPATION_TYPE"]
    known = works & (rng.random(n) > 1 - (1 - occupation.missing) / max(works.mean(), 1e-9))
    documents = ranks(np.where(works, -1.0, 1.0) + 0.55 * rng.standard_normal(n))
    return {
        "FLAG_EMP_PHONE": works,
        "DAYS_EMPLOYED": days,
        "NAME_INCOME_TYPE": _either(rng, works, income, idle),
        "ORGANIZATION_TYPE": _either(rng, works, organization, {"XNA": 1.0}),
        "OCCUPATION_TYPE": named(
            np.where(known, pick(rng.random(n), list(occupation.shares.values())), -1),
            list(occupation.shares),
        ),
        "FLAG_DOCUMENT_6": quantile(documents, table.columns["FLAG_DOCUMENT_6"]),
    }


def _either(
    rng: np.random.Generator, first: Bools, shares: dict[str, float], others: dict[str, float]
) -> pa.Array:
    """Categories of `shares` where `first` is true, of `others` elsewhere."""
    p = rng.random(len(first))
    codes = np.where(
        first, pick(p, list(shares.values())), len(shares) + pick(p, list(others.values()))
    )
    return named(codes, [*shares, *others])


def _region(rng: np.random.Generator, drawn: Columns) -> Columns:
    """The rating with the city is the rating, moved by one for few; addresses nest."""
    n = len(drawn["REGION_RATING_CLIENT"])
    rating: Floats = np.asarray(drawn["REGION_RATING_CLIENT"])
    p = rng.random(n)
    city = np.where((rating == 3) & (p < 0.098), 2, rating)
    city = np.where((rating == 2) & (p < 0.0098), 1, city)
    live = np.asarray(drawn["REG_CITY_NOT_LIVE_CITY"]) > 0
    work = np.asarray(drawn["REG_CITY_NOT_WORK_CITY"]) > 0
    far = np.asarray(drawn["REG_REGION_NOT_WORK_REGION"]) > 0
    return {
        "REGION_RATING_CLIENT_W_CITY": city,
        "LIVE_CITY_NOT_WORK_CITY": work & (p < np.where(live, 0.45, 0.87)),
        "LIVE_REGION_NOT_WORK_REGION": far & (p < 0.80),
        "REG_REGION_NOT_LIVE_REGION": np.where(far, p > 0.845, p < 0.0078),
    }


def _sources(rng: np.random.Generator, clients: Clients, table: Table) -> Columns:
    """EXT_SOURCE_1-3; the third is the credit bureau's and is missing where it knows least."""
    columns: Columns = {}
    n = len(clients)
    for name, link in (("EXT_SOURCE_1", 0.0), ("EXT_SOURCE_2", 0.0), ("EXT_SOURCE_3", 0.8)):
        fact = table.columns[name]
        score = link * clients.scores["thin_file"] + (1 - link) * rng.standard_normal(n)
        missing = ranks(score) > 1 - np.where(clients.train, fact.missing, fact.missing_test)
        columns[name] = blank(quantile(clients.chance(name), fact), missing)
    return columns


def _enquiries(rng: np.random.Generator, clients: Clients, table: Table) -> Columns:
    """Enquiries at the credit bureau, missing together."""
    fact = table.columns[ENQUIRIES[0]]
    score = clients.scores["thin_file"] + 0.3 * rng.standard_normal(len(clients))
    missing = ranks(score) > 1 - np.where(clients.train, fact.missing, fact.missing_test)
    columns: Columns = {}
    for name in ENQUIRIES:
        p = clients.chance(name) if name in clients.scores else rng.random(len(clients))
        columns[name] = blank(quantile(p, table.columns[name]), missing)
    return columns


def _circle(rng: np.random.Generator, table: Table, n: int) -> Columns:
    """Defaults around the client: the 60-day counts are the 30-day ones or one less."""
    missing = rng.random(n) < table.columns[CIRCLE[0]].missing
    seen = rng.random(n)
    observed = quantile(seen, table.columns[CIRCLE[0]])
    fallen = ranks(np.where(observed > 0, seen, -1) + 0.9 * rng.standard_normal(n))
    later = ranks(fallen + 0.03 * rng.standard_normal(n))
    values: dict[str, Floats] = {
        "OBS_30": observed,
        "DEF_30": np.minimum(quantile(fallen, table.columns[CIRCLE[1]]), 34),
        "OBS_60": np.maximum(observed - (rng.random(n) < 0.02), 0),
        "DEF_60": quantile(later, table.columns[CIRCLE[3]]),
    }
    return {f"{kind}_CNT_SOCIAL_CIRCLE": blank(v, missing) for kind, v in values.items()}
