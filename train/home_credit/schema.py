"""The published columns of the seven Home Credit tables and the kind of value in each."""

import json
from functools import cache
from importlib.resources import files

from train.data.sources import Kind

APPLICATION = "application_train"
HISTORY = (
    "bureau",
    "bureau_balance",
    "previous_application",
    "installments_payments",
    "POS_CASH_balance",
    "credit_card_balance",
)
CLIENT = "SK_ID_CURR"
TARGET = "TARGET"


@cache
def _published() -> dict[str, dict[str, Kind]]:
    text = files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    tables: dict[str, dict[str, Kind]] = json.loads(text)
    return tables


def kinds(table: str) -> dict[str, Kind]:
    """{column: kind} of a published table; every table of applications has the same columns."""
    return _published().get(table, _published()[APPLICATION])
