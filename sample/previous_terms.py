"""Amounts and dates of the previous applications: the loans that were made of them."""

from dataclasses import dataclass

import numpy as np

from sample.block import Block
from sample.clients import Clients
from sample.draw import Bools, Floats, amount, pick, quantile, ranks, snapped
from sample.facts import Column, Facts
from sample.loan import REVOLVING_RATE, instalment
from sample.previous import APPROVED, CARD, CASH, CONSUMER, Applications, yield_group

NEVER = 365243.0  # the published sentinel of a day that has not come
PERIOD = 30.0  # days between instalments
# Months of the loans by contract type, with shares
MONTHS: dict[int, tuple[list[int], list[float]]] = {
    CONSUMER: ([4, 6, 8, 10, 12, 18, 24], [0.03, 0.24, 0.045, 0.20, 0.33, 0.055, 0.10]),
    CASH: ([6, 12, 18, 24, 30, 36, 42, 48, 54, 60], [4, 18, 11, 19, 6, 16, 5, 10, 2, 10]),
}
# Monthly rate by yield group: none, middle, high, low normal, low action
RATES = np.array([0.012, 0.026, 0.040, 0.014, 0.006])
SIZES = np.array([-0.48, 0.70, 0.05, 0.0])  # by contract type, in standard deviations
ROUND_SUM = 22500.0
CARD_UNASKED = 0.25  # share of the cards offered without a sum asked for; their limits:
CARD_LIMITS = np.array([45000.0, 90000, 135000, 180000, 225000, 270000])
CARD_LIMIT_SHARES = [3, 3, 3, 3, 3, 2]
STARTED = 0.967  # of the approved that are old enough to have begun
PAID_EARLY = np.array([0.27, 0.70, 0.0, 0.0])  # share of loans repaid early, by contract type


@dataclass(frozen=True)
class Terms:
    """One row per previous application: money, months and days of the loan that was made.

    Days are negative before the current application; `first_due` and `last_due` are NaN where no
    loan began. `paid_months` is the number of instalments after which the loan ends, `months` the
    number agreed.
    """

    goods: Floats
    credit: Floats
    annuity: Floats
    down: Floats
    months: Floats
    paid_months: Floats
    begun: Bools
    first_due: Floats
    last_due: Floats


def draw_terms(block: Block, clients: Clients, apps: Applications, facts: Facts) -> Terms:
    """Amounts and dates, so that the annuity repays the credit over the months agreed."""
    rng = block.rng("terms")
    months = _months(rng, apps)
    goods = _goods(
        rng, clients, apps, months, facts.tables["previous_application"].columns["AMT_GOODS_PRICE"]
    )
    down = _down_payment(rng, apps, goods)
    credit = _credit(rng, apps, goods, down)
    rate = RATES[yield_group(block.rng("yield"), apps)]
    annuity = np.where(
        apps.contract == CARD,
        credit * REVOLVING_RATE,
        instalment(credit, np.maximum(months, 1), rate),
    )
    begun, first, last, paid = _dates(rng, clients, apps, months)
    return Terms(goods, credit, amount(annuity), down, months, paid, begun, first, last)


def _months(rng: np.random.Generator, apps: Applications) -> Floats:
    """The months asked for: the longer, the less often granted; none for cards."""
    months = np.zeros(len(apps))
    for kind, (values, shares) in MONTHS.items():
        rows = np.flatnonzero(apps.contract == kind)
        longer = ranks(rng.standard_normal(len(rows)) + 0.9 * (apps.status[rows] != APPROVED))
        months[rows] = np.array(values)[pick(longer, shares)]
    return months


def _goods(
    rng: np.random.Generator, clients: Clients, apps: Applications, months: Floats, fact: Column
) -> Floats:
    """The price, or the sum asked for; NaN where the application never got that far."""
    n = len(apps)
    noise = rng.standard_normal(n)
    size = clients.mix(noise, apps.owner, AMT_GOODS_PRICE=0.2, AMT_INCOME_TOTAL=0.3)
    size += SIZES[apps.contract] + np.where(apps.contract == CASH, (months - 24) / 40, 0)
    asked = (apps.contract == CONSUMER) | apps.offered
    asked &= (apps.product >= 0) & ~((apps.contract == CARD) & (rng.random(n) < CARD_UNASKED))
    goods = np.full(n, np.nan)
    goods[asked] = quantile(ranks(size[asked]), fact)
    rounded = rng.random(n) < np.where(apps.contract == CONSUMER, 0.10, 0.85)
    return snapped(goods, ROUND_SUM, rounded & (goods > 15000))


def _down_payment(rng: np.random.Generator, apps: Applications, goods: Floats) -> Floats:
    """A tenth of the price, or another share, for two consumer loans in three."""
    n = len(apps)
    share = np.where(rng.random(n) < 0.30, 0.10, rng.beta(1.1, 8.0, n))
    paid = (apps.contract == CONSUMER) & (rng.random(n) < 0.66)
    return amount(np.nan_to_num(goods) * np.where(paid, share, 0.0))


def _credit(rng: np.random.Generator, apps: Applications, goods: Floats, down: Floats) -> Floats:
    """What is lent: the price less the down payment, often with a fee; a limit for cards."""
    n = len(apps)
    card = apps.contract == CARD
    fee = np.where(rng.random(n) < 0.55, 1 + 0.45 * rng.beta(1.6, 6, n), 1.0)
    limit = CARD_LIMITS[pick(rng.random(n), CARD_LIMIT_SHARES)]
    unasked = np.where(card & apps.offered, limit, 0.0)
    lent = (np.nan_to_num(goods) - down) * np.where(card, 1.0, fee)
    return amount(np.where(np.isnan(goods), unasked, lent))


def _dates(
    rng: np.random.Generator, clients: Clients, apps: Applications, months: Floats
) -> tuple[Bools, Floats, Floats, Floats]:
    """Which loans began, the first and last due day, and the instalments until the end."""
    n = len(apps)
    wait = np.round(rng.gamma(4.0, 2.2, n)) + 26
    begun = (apps.status == APPROVED) & (apps.decided + wait < -3) & (rng.random(n) < STARTED)
    cards = np.flatnonzero(begun & (apps.contract == CARD))
    begun[np.delete(cards, np.unique(apps.owner[cards], return_index=True)[1])] = False
    first = np.where(begun, apps.decided + wait, np.nan)
    steady = clients.mix(rng.standard_normal(n), apps.owner, discipline=0.3, appetite=-0.1)
    early = rng.random(n) < PAID_EARLY[apps.contract] * np.where(steady > 0, 1.25, 0.75)
    paid = np.where(early, np.ceil(months * rng.uniform(0.1, 0.8, n)), months)
    last = first + PERIOD * (paid - 1)
    last = np.where(apps.contract == CARD, NEVER, last)
    return begun, first, np.where(begun, np.where(last >= -2, NEVER, last), np.nan), paid
