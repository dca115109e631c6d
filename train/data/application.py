"""The Home Credit application table: how it is cleaned, and which features are computed from it.

Cleaning rules and formulas apply to every client, at training and at scoring. Formulas use cleaned
columns: amounts in currency units, DAYS_* in days from the application (negative: before it),
AMT_ANNUITY the monthly payment. A formula whose inputs are not all among a data set's columns is
left out.
"""

import math
import sys
from collections.abc import Mapping
from typing import Any

from scoring_model.derive.program import Rule


def _above(limit: float) -> tuple[float, float]:
    return math.nextafter(limit, math.inf), sys.float_info.max  # infinite values are missing


RULES = (
    Rule("DAYS_EMPLOYED", 365_243, 365_243, "marks pensioners and unemployed clients"),
    Rule("DAYS_LAST_PHONE_CHANGE", 0, 0, "written where no change is known"),
    Rule("REGION_RATING_CLIENT_W_CITY", -1, -1, "the ratings are 1, 2 and 3"),
    Rule("AMT_INCOME_TOTAL", *_above(20e6), "a few incomes of up to 117 million", instead=20e6),
    Rule("OWN_CAR_AGE", *_above(80), "years; nobody secures a loan by a car of that age"),
    Rule("OBS_30_CNT_SOCIAL_CIRCLE", *_above(40), "the next value is 348 acquaintances"),
    Rule("OBS_60_CNT_SOCIAL_CIRCLE", *_above(40), "the next value is 344 acquaintances"),
    Rule("AMT_REQ_CREDIT_BUREAU_QRT", *_above(10), "enquiries; the next values are 19 and 261"),
)

UNKNOWN_CATEGORIES: Mapping[str, frozenset[str]] = {
    "CODE_GENDER": frozenset({"XNA"}),
    "NAME_FAMILY_STATUS": frozenset({"Unknown"}),
    "ORGANIZATION_TYPE": frozenset({"XNA"}),
}
"""Texts for "not known", which training leaves out of the contract's lists of categories."""

SOURCES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")
_SOURCES = ", ".join(SOURCES)

SHARED: dict[str, str] = {
    "AGE": "DAYS_BIRTH / -365.25",  # years
    "EMPLOYED": "DAYS_EMPLOYED / -365.25",  # years
}
"""Used by other formulas; not columns of the model."""

EXT_SOURCE: dict[str, str] = {
    "EXT_SOURCE_MEAN": f"mean({_SOURCES})",
    "EXT_SOURCE_MIN": f"min({_SOURCES})",
    "EXT_SOURCE_MAX": f"max({_SOURCES})",
    "EXT_SOURCE_MEDIAN": f"median({_SOURCES})",
    "EXT_SOURCE_STD": f"std({_SOURCES})",
    "EXT_SOURCE_PRODUCT": "EXT_SOURCE_1 * EXT_SOURCE_2 * EXT_SOURCE_3",
    "EXT_SOURCE_WEIGHTED": "2 * EXT_SOURCE_1 + EXT_SOURCE_2 + 3 * EXT_SOURCE_3",
}
"""Scores of other lenders between 0 and 1, higher is better."""

TO_AGE: dict[str, str] = {f"{name}_TO_AGE": f"{name} / AGE" for name in (*SOURCES, *EXT_SOURCE)}
"""Per year of age: the same score means more for a young client."""

LOAN: dict[str, str] = {
    "TERM": "AMT_CREDIT / AMT_ANNUITY",  # months, without interest
    "CREDIT_TO_GOODS": "AMT_CREDIT / AMT_GOODS_PRICE",
    "GOODS_MINUS_CREDIT": "AMT_GOODS_PRICE - AMT_CREDIT",
    "CREDIT_TO_INCOME": "AMT_CREDIT / AMT_INCOME_TOTAL",
    "ANNUITY_TO_INCOME": "AMT_ANNUITY / AMT_INCOME_TOTAL",
    "AGE_AT_PAY_OFF": "AGE + TERM / 12",  # years
}

CLIENT: dict[str, str] = {
    "NOT_EMPLOYED": "missing(DAYS_EMPLOYED)",  # 1 where cleaning found 365243, or nothing was sent
    "INCOME_PER_FAMILY_MEMBER": "AMT_INCOME_TOTAL / CNT_FAM_MEMBERS",
    "INCOME_PER_CHILD": "AMT_INCOME_TOTAL / (1 + CNT_CHILDREN)",
    "EMPLOYED_TO_BIRTH": "DAYS_EMPLOYED / DAYS_BIRTH",
    "CAR_AGE_TO_BIRTH": "OWN_CAR_AGE / AGE",
    "CAR_AGE_TO_EMPLOYED": "OWN_CAR_AGE / EMPLOYED",
    "ID_PUBLISH_TO_BIRTH": "DAYS_ID_PUBLISH / DAYS_BIRTH",
    "REGISTRATION_TO_BIRTH": "DAYS_REGISTRATION / DAYS_BIRTH",
    "PHONE_CHANGE_TO_BIRTH": "DAYS_LAST_PHONE_CHANGE / DAYS_BIRTH",
}
"""*_TO_BIRTH is a fraction of the client's life."""

DOCUMENTS = tuple(f"FLAG_DOCUMENT_{number}" for number in range(2, 22))

# One column of each set that is missing together: every _MODE and _MEDI is missing where its _AVG
# is, one enquiry count where all are. So a caller need not send the whole table to have a count.
GAPS = (
    *SOURCES,
    *("OWN_CAR_AGE", "OCCUPATION_TYPE", "NAME_TYPE_SUITE", "AMT_GOODS_PRICE", "CNT_FAM_MEMBERS"),
    *("AMT_REQ_CREDIT_BUREAU_YEAR", "DEF_30_CNT_SOCIAL_CIRCLE"),
    *("APARTMENTS_AVG", "BASEMENTAREA_AVG", "YEARS_BEGINEXPLUATATION_AVG", "YEARS_BUILD_AVG"),
    *("COMMONAREA_AVG", "ELEVATORS_AVG", "ENTRANCES_AVG", "FLOORSMAX_AVG", "FLOORSMIN_AVG"),
    *("LANDAREA_AVG", "LIVINGAPARTMENTS_AVG", "LIVINGAREA_AVG", "NONLIVINGAPARTMENTS_AVG"),
    *("NONLIVINGAREA_AVG", "FONDKAPREMONT_MODE", "HOUSETYPE_MODE", "TOTALAREA_MODE"),
    *("WALLSMATERIAL_MODE", "EMERGENCYSTATE_MODE"),
)

COUNTS: dict[str, str] = {
    "EXT_SOURCE_MISSING": f"{len(SOURCES)} - known({_SOURCES})",
    "DOCUMENT_COUNT": f"flags({', '.join(DOCUMENTS)})",
    "MISSING_COUNT": f"missing({', '.join(GAPS)})",
}

# What n payments of AMT_ANNUITY exceed the credit by is interest: at a yearly rate r,
# AMT_ANNUITY * n / AMT_CREDIT = (1 + r) ** (n / 12). The number of payments is not in the
# application, so every usual one is tried; a plausible rate lies above 0 and at most at 1.
RATES: dict[str, str] = {
    f"RATE_{n}": f"between((AMT_ANNUITY * {n} / AMT_CREDIT) ** {12 / n!r} - 1, 0, 1)"
    for n in range(6, 61, 6)
}
_RATES = ", ".join(RATES)

INTEREST: dict[str, str] = {
    "INTEREST_MIN": f"min({_RATES})",
    "INTEREST_MEAN": f"mean({_RATES})",
    "INTEREST_MEDIAN": f"median({_RATES})",
}
"""Yearly rates: .1 is 10 % a year."""

FEATURES: dict[str, str] = EXT_SOURCE | TO_AGE | LOAN | CLIENT | COUNTS | INTEREST
FORMULAS: dict[str, str] = SHARED | RATES | FEATURES

POSITIVE = ("AMT_INCOME_TOTAL", "AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "CNT_FAM_MEMBERS")
"""Columns by which formulas divide."""

NOT_NEGATIVE = (
    "CNT_CHILDREN",
    *(f"AMT_REQ_CREDIT_BUREAU_{span}" for span in ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR")),
    *(f"{kind}_{days}_CNT_SOCIAL_CIRCLE" for kind in ("OBS", "DEF") for days in (30, 60)),
)


def bounds(column: str) -> dict[str, Any]:
    """The fields `min` and `positive` of the contract's Feature for a column, where it has them."""
    if column in POSITIVE:
        return {"positive": True}
    return {"min": 0.0} if column in NOT_NEGATIVE else {}


GROUPINGS: dict[str, str] = {
    # Category positions are below 500 (MAX_CATEGORIES) and -1 stands for "not stated", a group of
    # its own; the last two digits are the decade of age.
    "PEERS": "(at_least(NAME_EDUCATION_TYPE, -1) * 1000 + at_least(OCCUPATION_TYPE, -1)) * 100"
    " + floor(AGE / 10)",
    "TERM": "round(TERM * 10)",  # to .1 of a month: in effect the loan product
}
"""Formulas that give the same whole number for the clients of one group."""
GROUPED = (
    *SOURCES,
    *("EXT_SOURCE_MEAN", "AGE", "EMPLOYED_TO_BIRTH", "AMT_CREDIT", "AMT_INCOME_TOTAL"),
)
"""Values whose mean, median and standard deviation are computed for each group."""
