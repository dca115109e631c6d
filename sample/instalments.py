"""installments_payments: what was due and what was paid, loan by loan."""

import numpy as np

from sample.clients import Clients
from sample.draw import Bools, Columns, Floats, Ints, amount, blank, owners, places
from sample.loans import Loans
from sample.previous_terms import PERIOD

OLDEST = -2922.0  # days kept
SPLIT = 0.055  # share of instalments paid in two parts
SHORT = 0.012  # share not paid in full
UNKNOWN = 0.0003  # share without a payment
ON_THE_DAY = 0.215


def instalment_columns(rng: np.random.Generator, clients: Clients, loans: Loans) -> Columns:
    """A row per payment: most early or on the day, late and in parts where discipline is low."""
    row = owners(loans.due)
    number = places(loans.due) + 1
    last = number == loans.due[row]
    day = loans.first_due[row] + PERIOD * (number - 1)
    repaid = last & loans.early[row]
    owed = _owed(rng, loans, row, number, last, repaid)
    delay = payment_delay(rng, clients, loans.owner, row)
    kept = day >= OLDEST
    often = _split_factor(clients, loans.owner[row])
    part = kept & (rng.random(len(row)) < SPLIT * often)
    share = np.where(part, rng.uniform(0.02, 0.98, len(row)), 1.0)
    short = rng.random(len(row)) < SHORT * often
    paid: Floats = np.where(short, owed * rng.uniform(0.05, 1.0, len(row)), owed * share)
    version = np.where(repaid, 2, 1) + (rng.random(len(loans)) < 0.05)[row]
    unknown = (rng.random(len(row)) < UNKNOWN)[kept]
    entered: Floats = np.minimum(day - delay, -1)
    one = _rows(loans, clients, row, number, day, owed, kept)
    one |= {
        "NUM_INSTALMENT_VERSION": version[kept],
        "DAYS_ENTRY_PAYMENT": blank(entered[kept], unknown),
        "AMT_PAYMENT": blank(np.round(paid, 3)[kept], unknown),
    }
    rest = np.minimum(entered + np.round(rng.gamma(1.0, 6.0, len(row))), -1)
    two = _rows(loans, clients, row, number, day, owed, part)
    two |= {
        "NUM_INSTALMENT_VERSION": version[part],
        "DAYS_ENTRY_PAYMENT": rest[part],
        "AMT_PAYMENT": np.round(owed * (1 - share), 3)[part],
    }
    return {name: np.concatenate([one[name], two[name]]) for name in one}


def _owed(
    rng: np.random.Generator, loans: Loans, row: Ints, number: Ints, last: Bools, repaid: Bools
) -> Floats:
    """The annuity; a little less at the end, or all that is left where it is repaid early."""
    owed = loans.annuity[row] * np.where(last, rng.uniform(0.75, 1.0, len(row)), 1.0)
    left = loans.credit[row] * np.clip(1 - (number - 1) / loans.months[row], 0.05, 1)
    return amount(np.where(repaid, np.maximum(left, owed), owed))


def _split_factor(clients: Clients, owner: Ints) -> Floats:
    """How much more often than the average client each row's client pays in parts."""
    return np.clip(np.exp(-0.45 * clients.scores["discipline"][owner]) / 1.107, 0.2, 6)


def payment_delay(
    rng: np.random.Generator, clients: Clients, loan_owner: Ints, row: Ints
) -> Floats:
    """Days from payment to due day, per row: positive is early, as most are.

    `loan_owner` is the client of each loan, `row` the loan of each row. A client has a habit (days
    early), a loan varies it; a share of payments comes on the day and, the less disciplined the
    client, the more come late and the later.
    """
    n, owner = len(row), loan_owner[row]
    discipline = clients.scores["discipline"]
    habit = np.exp(2.05 + 0.45 * rng.standard_normal(len(clients)) + 0.10 * discipline)
    early = np.round(rng.gamma(1.2, habit[owner]))
    trait = 0.85 * discipline + 0.5 * rng.standard_normal(len(clients))
    loan_noise = 0.6 * rng.standard_normal(len(loan_owner))
    chance = 1 / (1 + np.exp(3.25 + 1.15 * trait[owner] + loan_noise[row]))
    p = rng.random(n)
    late = np.ceil(rng.exponential(1.0, n) ** 1.9 * 5.5 * np.exp(-0.55 * trait[owner]))
    delay = np.where(rng.random(n) < ON_THE_DAY, 0.0, early)
    return np.where(p < chance, -np.minimum(late, 2800), delay)


def _rows(
    loans: Loans, clients: Clients, row: Ints, number: Ints, day: Floats, owed: Floats, where: Bools
) -> Columns:
    return {
        "SK_ID_PREV": loans.sk_id[row][where],
        "SK_ID_CURR": clients.sk_id[loans.owner[row]][where],
        "NUM_INSTALMENT_NUMBER": number[where],
        "DAYS_INSTALMENT": day[where],
        "AMT_INSTALMENT": owed[where],
    }
