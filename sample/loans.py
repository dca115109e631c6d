"""Loans that began: those of the previous applications, and a few whose application is gone."""

from dataclasses import dataclass

import numpy as np

from sample.block import Block
from sample.clients import Clients
from sample.draw import Bools, Floats, Ints
from sample.facts import Facts
from sample.previous import CARD, Applications
from sample.previous_terms import PERIOD, Terms

LOAN_ORPHANS = 38_000 / 903_000  # loans with payments but no application, per loan with one
CARD_ORPHANS = 11_372 / 92_935  # the same for cards
IDLE, ORPHAN_IDLE = 0.26, 0.03  # share of cards never drawn upon


@dataclass(frozen=True)
class Loans:
    """One row per consumer or cash loan.

    `due` of the `months` instalments agreed have fallen due, the first on day `first_due`;
    `finished` says that the loan has ended, and `early` that its last instalment repaid all that
    was left.
    """

    owner: Ints
    sk_id: Ints
    annuity: Floats
    credit: Floats
    months: Floats
    due: Ints
    first_due: Floats
    finished: Bools
    early: Bools

    def __len__(self) -> int:
        return len(self.owner)


@dataclass(frozen=True)
class Cards:
    """One row per card: its limit, its age in months, and whether it is ever drawn upon."""

    owner: Ints
    sk_id: Ints
    limit: Floats
    months: Ints
    idle: Bools

    def __len__(self) -> int:
        return len(self.owner)


def orphan_ids(
    block: Block, facts: Facts, apps: Applications, counts: tuple[int, int]
) -> list[Ints]:
    """SK_ID_PREV of loans and cards that previous_application does not hold."""
    id_range = facts.ids("previous_application", "SK_ID_PREV")
    ids = block.ids(id_range, len(apps) + sum(counts))[len(apps) :]
    return [ids[: counts[0]], ids[counts[0] :]]


def draw_loans(
    block: Block, clients: Clients, apps: Applications, terms: Terms, facts: Facts
) -> tuple[Loans, Cards]:
    """The block's loans and cards, those without an application last."""
    rng = block.rng("loans")
    loan = np.flatnonzero(terms.begun & (apps.contract != CARD))
    card = np.flatnonzero(terms.begun & (apps.contract == CARD))
    counts = (round(len(loan) * LOAN_ORPHANS), round(len(card) * CARD_ORPHANS))
    loan_ids, card_ids = orphan_ids(block, facts, apps, counts)
    loans = _loans(rng, clients, apps, terms, loan, loan_ids)
    return loans, _cards(rng, clients, apps, terms, card, card_ids)


def _loans(
    rng: np.random.Generator,
    clients: Clients,
    apps: Applications,
    terms: Terms,
    loan: Ints,
    orphan: Ints,
) -> Loans:
    """Orphan loans are like the others; a third go to clients without a loan."""
    stray = rng.integers(0, len(clients), len(orphan))
    without = np.setdiff1d(np.arange(len(clients)), apps.owner[loan])
    if len(without):
        stray = np.where(rng.random(len(orphan)) < 0.35, rng.choice(without, len(orphan)), stray)
    row = np.concatenate([loan, rng.choice(loan, len(orphan)) if len(orphan) else orphan])
    passed = np.floor((-1 - terms.first_due[row]) / PERIOD) + 1
    finished = passed >= terms.paid_months[row]
    return Loans(
        owner=np.concatenate([apps.owner[loan], stray]),
        sk_id=np.concatenate([apps.sk_id[loan], orphan]),
        annuity=terms.annuity[row],
        credit=terms.credit[row],
        months=terms.months[row],
        due=np.clip(passed, 0, terms.paid_months[row]).astype(np.int64),
        first_due=terms.first_due[row],
        finished=finished,
        early=(terms.paid_months < terms.months)[row] & finished,
    )


def _cards(
    rng: np.random.Generator,
    clients: Clients,
    apps: Applications,
    terms: Terms,
    card: Ints,
    orphan: Ints,
) -> Cards:
    """Orphan cards go to clients without another, and are as old as the table goes back."""
    without = np.setdiff1d(np.arange(len(clients)), apps.owner[card])
    orphan = orphan[: len(without)]
    months = np.clip(np.floor(-apps.decided[card] / 30.4) - rng.integers(0, 3, len(card)), 1, 96)
    old = np.where(rng.random(len(orphan)) < 0.8, 96, rng.integers(88, 97, len(orphan)))
    copied = rng.choice(card, len(orphan)) if len(orphan) else orphan
    stray = rng.choice(without, len(orphan), replace=False) if len(orphan) else orphan
    return Cards(
        owner=np.concatenate([apps.owner[card], stray]),
        sk_id=np.concatenate([apps.sk_id[card], orphan]),
        limit=terms.credit[np.concatenate([card, copied])],
        months=np.concatenate([months.astype(np.int64), old]),
        idle=np.concatenate([rng.random(len(card)) < IDLE, rng.random(len(orphan)) < ORPHAN_IDLE]),
    )
