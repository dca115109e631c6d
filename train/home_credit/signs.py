"""Declared signs: columns on which the probability of default may only rise or only fall."""

from collections.abc import Mapping

from scoring_model.derive.home_credit import EXT_SOURCE, SOURCES, TO_AGE

FALLING = (
    *SOURCES,
    # How far the scores lie apart is no better or worse.
    *(name for name in (*EXT_SOURCE, *TO_AGE) if "STD" not in name),
    "EMPLOYED_TO_BIRTH",
)
"""Home Credit: scores of other lenders, higher is better, and the share of life employed."""

RISING = (
    *("AMT_REQ_CREDIT_BUREAU_HOUR", "AMT_REQ_CREDIT_BUREAU_DAY", "AMT_REQ_CREDIT_BUREAU_WEEK"),
    *("DEF_30_CNT_SOCIAL_CIRCLE", "DEF_60_CNT_SOCIAL_CIRCLE"),
    *("REGION_RATING_CLIENT", "REGION_RATING_CLIENT_W_CITY", "EXT_SOURCE_MISSING"),
)
"""Home Credit: enquiries of the last week, defaults among acquaintances, worse regions."""

HOME_CREDIT: Mapping[str, int] = dict.fromkeys(FALLING, -1) | dict.fromkeys(RISING, 1)
