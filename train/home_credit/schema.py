"""The published columns of the seven Home Credit tables and the kind of value in each."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from train.data.sources import Kind

APPLICATION = "application_train"
HISTORY = (
    *("bureau", "bureau_balance", "previous_application"),
    *("installments_payments", "POS_CASH_balance", "credit_card_balance"),
)
CLIENT = "SK_ID_CURR"
TARGET = "TARGET"


@cache
def declarations(name: str) -> Any:
    """What a JSON file of this package declares."""
    return json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


def kinds(table: str) -> dict[str, Kind]:
    """{column: kind} of a published table; every table of applications has the same columns."""
    published: dict[str, dict[str, Kind]] = declarations("schema")
    return published.get(table, published[APPLICATION])
