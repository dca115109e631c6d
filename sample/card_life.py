"""How the cards are used: balance, drawings and payments month by month."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sample.clients import Clients
from sample.draw import Bools, Floats, amount
from sample.loans import Cards

MONTHS = 96
MINIMUM = 0.05  # the payment asked: this share of the limit, or the balance if it is less
INTEREST = 0.023  # a month
SMALL_DEBT = 30.0  # written off
REPORTED = 0.55  # of the cards have a row for the last month already
ATM_SHARE = 0.66  # of the months with drawings


@dataclass(frozen=True)
class CardLife:
    """(cards, 96) arrays, the oldest month first; only the last `months` of each card count."""

    alive: Bools
    limit: Floats
    balance: Floats
    atm: Floats
    pos: Floats
    minimum: Floats
    payment: Floats
    late: Bools


@dataclass(frozen=True)
class Habits:
    """(cards, 96) arrays: what each client means to do in each month."""

    draws: Bools
    late: Bools
    generous: Bools
    size: Floats
    pays: Floats


def live(rng: np.random.Generator, clients: Clients, cards: Cards) -> CardLife:
    """Simulates all cards together, one month after another."""
    age = np.arange(MONTHS) - (MONTHS - cards.months[:, None])
    limit = _limits(rng, cards, age)
    habits = _habits(rng, clients, cards, age)
    drawn, asked, paid, balance = (np.zeros(age.shape) for _ in range(4))
    owed = np.zeros(len(cards))
    for m in range(MONTHS):
        drawn[:, m] = habits.draws[:, m] * amount(
            np.maximum(limit[:, m] - owed, 0) * habits.size[:, m]
        )
        asked[:, m] = np.minimum(MINIMUM * np.maximum(limit[:, m], owed), owed)
        usual = np.where(
            habits.generous[:, m],
            owed * habits.size[:, m - 1],
            asked[:, m] * np.maximum(habits.pays[:, m], 1.0),
        )
        paid[:, m] = np.where(habits.late[:, m], 0, np.minimum(amount(usual), owed))
        owed = (owed - paid[:, m]) * (1 + INTEREST) + drawn[:, m]
        owed[owed < SMALL_DEBT] = 0
        balance[:, m] = owed
    cash = rng.random(age.shape) < ATM_SHARE
    late = habits.late & (asked > 0)
    alive = age >= 0
    alive[:, -1] &= (cards.months == 1) | (rng.random(len(cards)) < REPORTED)
    return CardLife(alive, limit, balance, drawn * cash, drawn * ~cash, asked, paid, late)


def _habits(
    rng: np.random.Generator, clients: Clients, cards: Cards, age: NDArray[np.int64]
) -> Habits:
    """The hungrier the client, the more is drawn; the less disciplined, the more months are late
    and the less is paid beyond the minimum."""
    n = len(cards)
    appetite = clients.scores["appetite"][cards.owner]
    discipline = clients.scores["discipline"][cards.owner]
    keen = np.exp(0.6 * appetite - 0.25 * discipline + 0.6 * rng.standard_normal(n))
    chance = np.clip(0.42 * keen, 0, 0.92)[:, None]
    tired = rng.exponential(70, n)[:, None] + 3
    draws = rng.random(age.shape) < np.where(age < 3, np.maximum(chance, 0.5), chance)
    draws &= (age >= 0) & (age < tired) & ~cards.idle[:, None]
    return Habits(
        draws=draws,
        late=rng.random(age.shape) < 1 / (1 + np.exp(2.6 + 0.9 * discipline[:, None])),
        generous=rng.random(age.shape) < 0.11 + 0.03 * discipline[:, None],
        size=rng.beta(0.8, 1.3, age.shape),
        pays=np.exp(0.2 + 0.6 * rng.standard_normal(age.shape)),
    )


def _limits(rng: np.random.Generator, cards: Cards, age: NDArray[np.int64]) -> Floats:
    """Limits step up once for some cards, and end at zero for others."""
    n = len(cards)
    raised = np.floor(rng.random(n) * 60)[:, None]
    factor = np.where(rng.random(n) < 0.22, 1.4, 1.0)[:, None]
    closed = np.where(rng.random(n) < 0.42, rng.exponential(34, n) + 6, 999)[:, None]
    limit = cards.limit[:, None] * np.where(age >= raised, factor, 1.0)
    return np.where(age >= closed, 0.0, np.round(limit / 4500) * 4500)
