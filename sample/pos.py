"""POS_CASH_balance: each consumer and cash loan month by month."""

import numpy as np

from sample.clients import Clients
from sample.draw import Bools, Columns, Floats, Ints, named, owners, places
from sample.loans import Loans
from sample.previous_terms import PERIOD

DAYS_PER_MONTH = 30.4375
OLDEST = 96
STATUS = ("Active", "Completed", "Signed", "Demand", "Returned to the store", "Approved")
SIGNED = 0.095  # share of loans whose first month is only signed
CNT_MISSING = 0.0026


def pos_columns(rng: np.random.Generator, clients: Clients, loans: Loans) -> Columns:
    """A row per month from the signature to the end of the loan, or to last month."""
    opened = np.floor(-(loans.first_due - PERIOD) / DAYS_PER_MONTH).astype(np.int64)
    opened = np.clip(opened, 1, OLDEST)
    signed = rng.random(len(loans)) < SIGNED
    counts = np.minimum(loans.due + 1 + (signed & (rng.random(len(loans)) < 0.3)), opened)
    row, place = owners(counts), places(counts)
    last = (place == counts[row] - 1) & loans.finished[row]
    future = np.where(last, 0, np.maximum(loans.months[row] - place, 0))
    missing = rng.random(len(row)) < CNT_MISSING
    agreed = np.where(last & loans.early[row], np.maximum(place, 1), loans.months[row])
    days, days_tolerant = days_past_due(rng, clients.scores["discipline"][loans.owner], row, place)
    return {
        "SK_ID_PREV": loans.sk_id[row],
        "SK_ID_CURR": clients.sk_id[loans.owner[row]],
        "MONTHS_BALANCE": place - opened[row],
        "CNT_INSTALMENT": np.where(missing, np.nan, agreed),
        "CNT_INSTALMENT_FUTURE": np.where(missing, np.nan, future),
        "NAME_CONTRACT_STATUS": named(_status(rng, last, signed[row] & (place == 0)), STATUS),
        "SK_DPD": days,
        "SK_DPD_DEF": days_tolerant,
    }


def _status(rng: np.random.Generator, last: Bools, signed: Bools) -> Ints:
    p = rng.random(len(last))
    status = np.where(p < 0.0007, 3, np.where(p > 0.9995, 5, 0))
    return np.where(signed, 2, np.where(last, np.where(p < 0.007, 4, 1), status))


def days_past_due(
    rng: np.random.Generator, discipline: Floats, row: Ints, place: Ints
) -> tuple[Ints, Ints]:
    """SK_DPD and SK_DPD_DEF per row: short delays, and a few loans left unpaid for years.

    `discipline` is per loan, `row` the loan of each row. The tolerant count leaves out small debts,
    as most of the long ones are.
    """
    n, loans = len(row), len(discipline)
    weak = np.exp(-1.0 * discipline - 0.5)
    short = rng.random(n) < np.minimum(0.0165 * weak, 0.5)[row]
    days = np.where(short, np.ceil(rng.exponential(1.0, n) ** 1.5 * 6.0), 0)
    tolerated = rng.random(n) < 0.42
    tolerant = np.where(tolerated, 0, days)
    stuck = rng.random(loans) < np.minimum(0.019 * weak, 0.5)
    start = np.floor(rng.random(loans) * 14)
    debt = np.exp(6.45 + 0.9 * rng.standard_normal(loans))
    long = stuck[row] & (place >= start[row])
    days = np.where(long, np.minimum(np.round(debt[row] + 30 * (place - start[row])), 4200), days)
    serious = rng.random(loans) < 0.045
    tolerant = np.where(long, np.where(serious[row], days, 0), tolerant)
    return days.astype(np.int64), tolerant.astype(np.int64)
