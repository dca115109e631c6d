"""What is wrong in the history tables as published, and what is done about it: a rule per quirk.

The application table is not touched here: its cleaning belongs to the model, which must do the
same to a client that it scores as to one that it learned from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis

NEVER = 365_243  # days: the lender's system writes a date a thousand years ahead for "not yet"
AGES_AGO = -40_000  # days: more than 100 years before the application


@dataclass(frozen=True)
class Rule:
    """What to do where `wrong` holds of a value: the value becomes missing, or with `drop` its row
    is left out. `columns` are names with blanks between."""

    table: str
    columns: str
    wrong: Callable[[Any], Any]
    why: str
    drop: bool = False


RULES = (
    Rule(
        "bureau",
        "DAYS_CREDIT DAYS_CREDIT_ENDDATE DAYS_ENDDATE_FACT DAYS_CREDIT_UPDATE",
        lambda days: days < AGES_AGO,
        "no credit that a living client took out ended or was reported over 100 years ago",
    ),
    Rule(
        "previous_application",
        "DAYS_FIRST_DRAWING DAYS_FIRST_DUE DAYS_LAST_DUE_1ST_VERSION DAYS_LAST_DUE "
        "DAYS_TERMINATION",
        lambda days: days == NEVER,
        "365243 marks what has not happened yet",
    ),
    Rule(
        "previous_application",
        "AMT_CREDIT AMT_APPLICATION CNT_PAYMENT",
        lambda amount: amount == 0,
        "zero is written where nothing was asked for, granted or agreed",
    ),
    Rule(
        "previous_application",
        "FLAG_LAST_APPL_PER_CONTRACT",
        lambda last: last != "Y",
        "an earlier entry of the same contract, corrected by a later one",
        drop=True,
    ),
    Rule(
        "credit_card_balance",
        "AMT_DRAWINGS_CURRENT AMT_DRAWINGS_ATM_CURRENT AMT_DRAWINGS_OTHER_CURRENT "
        "AMT_DRAWINGS_POS_CURRENT",
        lambda drawn: drawn < 0,
        "nobody draws a negative amount",
    ),
)


def clean(name: str, table: ibis.Table) -> ibis.Table:
    """A history table, every number in it a float64, after the rules for it.

    Ids (SK_ID_*) stay integers. NaN, which Parquet files of other tools hold for "missing", is
    missing. A rule about a column that is not there is passed over.
    """
    numbers = [c for c in table.columns if table[c].type().is_numeric() and c[:6] != "SK_ID_"]
    table = table.mutate(**{column: _number(table[column]) for column in numbers})
    for rule in RULES:
        for column in rule.columns.split():
            if rule.table != name or column not in table.columns:
                continue
            wrong = rule.wrong(table[column])
            if rule.drop:
                table = table.filter(~wrong.fill_null(False))
            else:
                known = wrong.ifelse(ibis.null("float64"), table[column])
                table = table.mutate(**{column: known})
    return table


def merge_split_payments(table: ibis.Table) -> ibis.Table:
    """installments_payments with one row per instalment, where an instalment paid in parts has a
    row per part.

    Parts of (SK_ID_CURR, SK_ID_PREV, NUM_INSTALMENT_NUMBER) repeat the amount due and share what
    was paid: DUE is the amount due and PAID the sum of the parts (currency units), missing where no
    part was paid; DAYS_INSTALMENT is the day it was due (days from the application, negative).
    """
    return table.group_by("SK_ID_CURR", "SK_ID_PREV", "NUM_INSTALMENT_NUMBER").agg(
        DAYS_INSTALMENT=table.DAYS_INSTALMENT.max(),
        DUE=table.AMT_INSTALMENT.max(),
        PAID=table.AMT_PAYMENT.sum().round(3),
    )


def _number(value: Any) -> Any:
    if not value.type().is_floating():
        return value.cast("float64")
    number = value.cast("float64")
    return number.isnan().ifelse(ibis.null("float64"), number)
