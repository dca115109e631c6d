"""Numbers and dates that come as text. Standard library only."""

import math
import re
from datetime import UTC, date, datetime, timedelta

SEPARATORS = "[ ,'\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
NUMBER = rf"^[+-]?(0|[1-9]\d*|[1-9]\d{{0,2}}({SEPARATORS}\d{{3}})+)(\.\d+)?([eE][+-]?\d+)?$"
"""A number as text, thousands apart or not. With a leading zero it is a code."""
DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
"""A date of ISO 8601, with or without a time of day."""


def number(text: str) -> float:
    """The number that `text` is; NaN for other text, which training takes for missing too."""
    text = text.strip()
    return float(re.sub(SEPARATORS, "", text)) if re.match(NUMBER, text) else math.nan


def days(value: str | date, since: str) -> float | None:
    """Days from the date `since` to a date, below zero if it is earlier; None if it is none.

    Dates without an offset are in UTC.
    """
    if isinstance(value, str) and not re.match(DATE, value):
        return None
    try:
        return (_moment(value) - _moment(since)) / timedelta(days=1)
    except ValueError:  # such as February 30
        return None


def _moment(value: str | date) -> datetime:
    text = value if isinstance(value, str) else value.isoformat()
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
