"""The published columns of the seven Home Credit tables and the kind of value in each."""

import json
from functools import cache
from importlib.resources import files
from typing import Literal

import ibis.expr.datatypes as dt

Kind = Literal["integer", "number", "text"]

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

# What a kind is read as from CSV. Integers take 64 bits, since the ids of another lender may.
TYPES: dict[Kind, str] = {"integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR"}
SPOKEN: dict[Kind, str] = {"integer": "numbers", "number": "numbers", "text": "text"}


@cache
def _published() -> dict[str, dict[str, Kind]]:
    text = files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    tables: dict[str, dict[str, Kind]] = json.loads(text)
    return tables


def kinds(table: str) -> dict[str, Kind]:
    """{column: kind} of a published table; every table of applications has the same columns."""
    return _published().get(table, _published()[APPLICATION])


def holds(found: dt.DataType, wanted: Kind) -> bool:
    """Whether values of the type `found` can stand where `wanted` is published.

    A column without a single value is written by some tools with the type null, and flags as
    booleans.
    """
    if isinstance(found, dt.Null):
        return True
    if wanted == "text":
        return isinstance(found, dt.String)
    return isinstance(found, dt.Numeric | dt.Boolean)
