"""What the numbers of a column count, as far as its name tells.

The names are those of the Home Credit tables and of the features built from them; a contract that
gives a `unit` itself is taken at its word.
"""

import re

BEFORE = "days from the application, negative is before it"
SHARE = "share, 1 is the whole"
CURRENCY = "currency units"

UNITS = (
    (r"EXT_SOURCE_\d", "score between 0 and 1, higher is better"),
    (r".*_TO_.*|.*_(RATIO|PERC|APP_CREDIT)(_.*)?|.*INTEREST.*|RATE_.*", "ratio"),
    (r".*_SHARE(_.*)?", SHARE),
    (r".*_(AVG|MODE|MEDI)", "share of the largest building's, between 0 and 1"),
    (r"FLAG_.*|REG_.*|LIVE_.*", "1 for yes, 0 for no"),
    (r"DAYS_.*|.*_(DAYS|LAST_DUE|UPDATE)_.*", BEFORE),
    (r".*_DPD_.*", "days late"),
    (r".*_DBD_.*", "days early"),
    (r"AMT_REQ_.*|CNT_.*|.*_COUNT", "number"),
    (r"AMT_.*|.*_(AMT|CREDIT|LIMIT|OVERDUE|PAYMENT)_.*", CURRENCY),
    (r"OWN_CAR_AGE|.*_YEARS?", "years"),
    (r"MONTHS_.*|TERM|.*_MONTHS?", "months"),
)
"""The first pattern that matches a whole name gives its unit."""


def unit_of(name: str) -> str | None:
    """None where the name does not tell."""
    return next((unit for pattern, unit in UNITS if re.fullmatch(pattern, name)), None)
