"""Columns on which the probability of default may only rise or only fall."""

from collections.abc import Mapping

from train.data.application import EXT_SOURCE, SOURCES, TO_AGE
from train.data.dataset import Dataset
from train.errors import UnusableSign, listed

DECLARED = "declared"
SIGNS = {"+1": 1, "1": 1, "-1": -1}
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


def signs(text: str | None) -> dict[str, int]:
    """-1 or +1 by column, from text such as `EXT_SOURCE_2:-1,AMT_CREDIT:+1` or `declared`.

    The sign is that of the probability of default as the column rises. `declared` stands for those
    of HOME_CREDIT; what is named beside it comes on top. Raises UnusableSign.
    """
    found: dict[str, int] = {}
    for part in filter(None, map(str.strip, (text or "").split(","))):
        if part == DECLARED:
            found = {**HOME_CREDIT, **found}
            continue
        column, _, sign = part.rpartition(":")
        if not column or sign not in SIGNS:
            raise UnusableSign(part, "a column and its sign, as in EXT_SOURCE_2:-1")
        found[column] = SIGNS[sign]
    return found


def check_signs(dataset: Dataset, asked: Mapping[str, int]) -> None:
    """Raises UnusableSign for a column that the model has not, or that is a category.

    What is declared for Home Credit may be missing in a table.
    """
    categories = {dataset.columns[position] for position in dataset.categories}
    for column in asked:
        if column in categories:
            raise UnusableSign(column, "a number: a category neither rises nor falls")
        if column not in dataset.columns and column not in HOME_CREDIT:
            raise UnusableSign(column, f"one of the columns {listed(dataset.columns)}")
