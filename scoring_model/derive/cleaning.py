"""What is wrong in the Home Credit application table as published: a rule per quirk.

Applied to every client, at training and at scoring, before anything is computed.
"""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass

ANY = sys.float_info.max
"""As high as a value can be: what is infinite is missing already."""


@dataclass(frozen=True)
class Rule:
    """Values of `column` from `low` to `high`, both included, are wrong.

    They become `instead`, or missing where that is None.
    """

    column: str
    low: float
    high: float
    why: str
    instead: float | None = None


def equal(column: str, value: float, why: str) -> Rule:
    """`value` is missing."""
    return Rule(column, value, value, why)


def above(column: str, limit: float, why: str) -> Rule:
    """Values above `limit`, which itself is right, are missing."""
    return Rule(column, math.nextafter(limit, math.inf), ANY, why)


def capped(column: str, limit: float, why: str) -> Rule:
    """Values above `limit` become `limit`."""
    return Rule(column, limit, ANY, why, instead=limit)


RULES = (
    equal("DAYS_EMPLOYED", 365_243, "marks pensioners and unemployed, who have no employment"),
    equal("DAYS_LAST_PHONE_CHANGE", 0, "written where no change is known"),
    equal("REGION_RATING_CLIENT_W_CITY", -1, "the ratings are 1, 2 and 3"),
    capped("AMT_INCOME_TOTAL", 20e6, "a few incomes of up to 117 million outweigh all others"),
    above("OWN_CAR_AGE", 80, "years; nobody secures a loan by a car of that age"),
    above("OBS_30_CNT_SOCIAL_CIRCLE", 40, "the next value is 348 acquaintances"),
    above("OBS_60_CNT_SOCIAL_CIRCLE", 40, "the next value is 344 acquaintances"),
    above("AMT_REQ_CREDIT_BUREAU_QRT", 10, "enquiries; the next values are 19 and 261"),
)

NOT_KNOWN: Mapping[str, frozenset[str]] = {
    "CODE_GENDER": frozenset({"XNA"}),
    "NAME_FAMILY_STATUS": frozenset({"Unknown"}),
    "ORGANIZATION_TYPE": frozenset({"XNA"}),
}
"""Texts that say that a category is not known.

Training leaves them out of the contract's lists; a category that is on no list is missing.
"""
