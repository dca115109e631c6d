"""credit_card_balance, and the cards' rows of installments_payments."""

import numpy as np

from sample.card_life import MONTHS, CardLife
from sample.clients import Clients
from sample.draw import Bools, Columns, Floats, Ints, blank, named, owners, places
from sample.loans import Cards
from sample.pos import days_past_due

STATUS = ("Active", "Completed", "Signed", "Demand", "Sent proposal")
DAYS_PER_MONTH = 30.4375
OTHER_DRAWINGS = 0.023  # of the months with drawings
DEMANDED = 0.0004  # of the cards, as long as anything is owed
EXTRA_PAYMENTS = 1.1  # payments beyond the first in a month with any


def card_columns(
    rng: np.random.Generator, clients: Clients, cards: Cards, life: CardLife
) -> Columns:
    """A row per card and month."""
    card, month = np.nonzero(life.alive)
    n = len(card)
    balance, limit = life.balance[card, month], life.limit[card, month]
    principal = np.round(balance * np.where(balance > 0, rng.uniform(0.93, 1.0, n), 1.0), 3)
    asked = np.cumsum((life.minimum > 0) & life.alive, axis=1)[card, month]
    unknown = (rng.random(len(cards)) < 0.08)[card]
    columns: Columns = {
        "SK_ID_PREV": cards.sk_id[card],
        "SK_ID_CURR": clients.sk_id[cards.owner[card]],
        "MONTHS_BALANCE": month - MONTHS,
        "AMT_BALANCE": np.round(balance, 3),
        "AMT_CREDIT_LIMIT_ACTUAL": limit,
        "AMT_INST_MIN_REGULARITY": blank(np.round(life.minimum[card, month], 3), unknown),
        "AMT_PAYMENT_TOTAL_CURRENT": np.round(life.payment[card, month], 3),
        "AMT_RECEIVABLE_PRINCIPAL": principal,
        "AMT_RECIVABLE": np.round(balance, 3),
        "AMT_TOTAL_RECEIVABLE": np.round(balance, 3),
        "CNT_INSTALMENT_MATURE_CUM": blank(asked.astype(np.float64), unknown),
        "NAME_CONTRACT_STATUS": named(_status(rng, limit, balance, card, cards), STATUS),
    }
    columns |= _drawings(rng, life, card, month, cards.idle[card])
    columns |= _payments(rng, life, card, month, cards.idle[card])
    return columns | _overdue(rng, clients, cards, life, card, month)


def _status(
    rng: np.random.Generator, limit: Floats, balance: Floats, card: Ints, cards: Cards
) -> Ints:
    ended = (limit == 0) & (balance == 0) & (rng.random(len(cards)) < 0.3)[card]
    signed = cards.idle[card] & (rng.random(len(cards)) < 0.04)[card]
    demanded = (balance > 0) & (rng.random(len(cards)) < DEMANDED)[card]
    return np.where(ended, 1, np.where(signed, 2, np.where(demanded, 3, 0)))


def _drawings(
    rng: np.random.Generator, life: CardLife, card: Ints, month: Ints, never: Bools
) -> Columns:
    """By cash machine, at a till, and other; null where the card is never drawn upon."""
    n = len(card)
    atm, pos = life.atm[card, month], life.pos[card, month]
    elsewhere = rng.random(n) < OTHER_DRAWINGS
    other = np.where(elsewhere, atm + pos, 0.0)
    atm, pos = np.where(elsewhere, 0.0, atm), np.where(elsewhere, 0.0, pos)
    count_atm = np.where(atm > 0, 1 + rng.poisson(0.5 + atm / 90000), 0)
    count_pos = np.where(pos > 0, 1 + rng.geometric(0.16, n), 0)
    count_other = (other > 0).astype(np.int64)
    kinds = {"ATM": (atm, count_atm), "POS": (pos, count_pos), "OTHER": (other, count_other)}
    columns: Columns = {
        "AMT_DRAWINGS_CURRENT": atm + pos + other,
        "CNT_DRAWINGS_CURRENT": count_atm + count_pos + count_other,
    }
    for kind, (money, count) in kinds.items():
        columns[f"AMT_DRAWINGS_{kind}_CURRENT"] = blank(money, never)
        columns[f"CNT_DRAWINGS_{kind}_CURRENT"] = blank(count.astype(np.float64), never)
    return columns


def _payments(
    rng: np.random.Generator, life: CardLife, card: Ints, month: Ints, never: Bools
) -> Columns:
    paid = life.payment[card, month]
    small = np.where(rng.random(len(card)) < 0.5, np.round(rng.exponential(900, len(card)), 2), 0)
    shown: Floats = np.where(paid > 0, paid, small)
    return {"AMT_PAYMENT_CURRENT": blank(np.round(shown, 3), never)}


def _overdue(
    rng: np.random.Generator,
    clients: Clients,
    cards: Cards,
    life: CardLife,
    card: Ints,
    month: Ints,
) -> Columns:
    """Most late months count as one day past due."""
    days, tolerant = days_past_due(
        rng,
        clients.scores["discipline"][cards.owner] + 1.2,
        card,
        month - MONTHS + cards.months[card],
    )
    one = life.late[card, month] & (rng.random(len(card)) < 0.75)
    return {
        "SK_DPD": np.where(days > 0, days, one.astype(np.int64)),
        "SK_DPD_DEF": np.where(tolerant > 0, tolerant, one.astype(np.int64)),
    }


def card_instalments(
    rng: np.random.Generator, clients: Clients, cards: Cards, life: CardLife
) -> Columns:
    """The cards' payments: version 0, several in some months, numbered through."""
    card, month = np.nonzero(life.alive & (life.payment > 0))
    counts = 1 + rng.poisson(EXTRA_PAYMENTS, len(card))
    row, place = owners(counts), places(counts)
    card, month = card[row], month[row]
    per_card = np.bincount(card, minlength=len(cards))
    due = np.floor((month - MONTHS) * DAYS_PER_MONTH) + 12
    due = np.clip(due, -2922, -1)
    weak = np.exp(-0.6 * clients.scores["discipline"][cards.owner])[card]
    late = rng.random(len(row)) < np.minimum(0.06 * weak, 0.7)
    early = np.round(rng.gamma(1.0, 6.0, len(row)))
    delay = np.where(late, -np.ceil(rng.exponential(9, len(row))), early)
    share = 1 / counts[row]
    paid = life.payment[card, month] * share
    asked = np.where(place == 0, np.minimum(life.minimum[card, month], paid), paid)
    return {
        "SK_ID_PREV": cards.sk_id[card],
        "SK_ID_CURR": clients.sk_id[cards.owner[card]],
        "NUM_INSTALMENT_VERSION": np.zeros(len(row)),
        "NUM_INSTALMENT_NUMBER": places(per_card) + 1,
        "DAYS_INSTALMENT": due,
        "DAYS_ENTRY_PAYMENT": np.minimum(due - delay, -1),
        "AMT_INSTALMENT": np.round(asked, 3),
        "AMT_PAYMENT": np.round(paid, 3),
    }
