"""bureau: each client's credits at other lenders, as the credit bureau knows them."""

from dataclasses import dataclass

import numpy as np

from sample.block import Block
from sample.clients import Clients
from sample.draw import (
    Bools,
    Columns,
    Floats,
    Ints,
    amount,
    blank,
    categories,
    draw_counts,
    named,
    owners,
    pick,
    quantile,
    ranks,
    snapped,
)
from sample.facts import Facts, Table

MONTHS_TRAIN = 0.35  # share of bureau clients in train with rows in bureau_balance; in test all
ANNUITY_FILLED = 0.63  # of those clients' credits
CARD, CAR, MORTGAGE, MICRO = 1, 2, 3, 4  # positions in CREDIT_TYPE, by share
SIZE_BY_TYPE = {CARD: -0.35, CAR: 2.2, MORTGAGE: 2.8, MICRO: -1.8}  # in standard deviations
TERMS = np.array([91, 182, 304, 365, 548, 730, 1095, 1826])  # days that a credit runs
TERM_SHARES = [0.04, 0.14, 0.11, 0.23, 0.10, 0.14, 0.13, 0.11]
CARD_TERMS = np.array([365, 730, 1095, 1461, 1826, 31000])
CARD_TERM_SHARES = [0.12, 0.17, 0.24, 0.12, 0.22, 0.13]
ACTIVE, SOLD, BAD = 0.3674, 0.0038, 0.00001
STATES = ("Closed", "Active", "Sold", "Bad debt")


@dataclass(frozen=True)
class Credits:
    """One row per bureau credit of the block."""

    owner: Ints
    sk_id: Ints
    opened: Floats  # DAYS_CREDIT
    ended: Floats  # DAYS_ENDDATE_FACT, NaN while it runs
    reported: Bools  # bureau_balance has its months


def draw_bureau(block: Block, clients: Clients, facts: Facts) -> tuple[Columns, Credits]:
    """The block's bureau rows, and what bureau_balance needs of them."""
    rng, table = block.rng("bureau"), facts.tables["bureau"]
    noise = rng.standard_normal(len(clients))
    present = ranks(-clients.scores["thin_file"] + 0.3 * noise) > 1 - facts.coverage["bureau"]
    score = clients.mix(rng.standard_normal(len(clients)), appetite=0.2, DAYS_BIRTH=-0.15)
    owner = owners(draw_counts(score, present, facts.rows_per_client["bureau"]))
    reported = rng.random(len(clients)) < np.where(clients.train, MONTHS_TRAIN, 1.0)
    kinds = _kind(rng, clients, owner, table)
    columns, opened, ended = _life(rng, clients, owner, kinds, table)
    running = np.isnan(ended)
    columns |= _money(rng, clients, owner, kinds, running, opened, columns, table)
    columns |= _trouble(rng, clients, owner, running, columns, table)
    filled = reported[owner] & (rng.random(len(owner)) < ANNUITY_FILLED)
    columns["AMT_ANNUITY"] = blank(_annuity(rng, columns, table), ~filled)
    sk_id = block.ids(facts.ids("bureau", "SK_ID_BUREAU"), len(owner))
    columns |= {
        "SK_ID_CURR": clients.sk_id[owner],
        "SK_ID_BUREAU": sk_id,
        "CREDIT_TYPE": named(kinds, list(table.columns["CREDIT_TYPE"].shares)),
        "CREDIT_CURRENCY": categories(
            rng.random(len(owner)), table.columns["CREDIT_CURRENCY"].shares
        ),
    }
    return columns, Credits(owner, sk_id, opened, ended, reported[owner])


def _kind(rng: np.random.Generator, clients: Clients, owner: Ints, table: Table) -> Ints:
    """CREDIT_TYPE by position; cards and microloans go with appetite, big loans with income."""
    shares = table.columns["CREDIT_TYPE"].shares
    kinds = pick(rng.random(len(owner)), list(shares.values()))
    swap = clients.mix(rng.standard_normal(len(owner)), owner, appetite=0.3)
    consumer = kinds == 0
    kinds[consumer & (swap > 2.2)] = CARD
    kinds[(kinds == CARD) & (swap < -1.9)] = 0
    hungry = rng.random(len(owner)) < 0.012 * (clients.scores["appetite"][owner] > 0.8)
    return np.where(hungry & consumer, MICRO, kinds)


def _life(
    rng: np.random.Generator, clients: Clients, owner: Ints, kinds: Ints, table: Table
) -> tuple[Columns, Floats, Floats]:
    """When each credit began, was to end, ended, and was last updated, and its state.

    The hungrier the client, the more recent the credits and the more of them still run.
    """
    n = len(owner)
    recent = clients.mix(
        rng.standard_normal(n), owner, appetite=0.30, discipline=-0.08, DAYS_BIRTH=0.1
    )
    opened = quantile(ranks(recent), table.columns["DAYS_CREDIT"])
    card = kinds == CARD
    term = np.where(
        card,
        CARD_TERMS[pick(rng.random(n), CARD_TERM_SHARES)],
        TERMS[pick(rng.random(n), TERM_SHARES)],
    ) * np.where(np.isin(kinds, [CAR, MORTGAGE]), 3, 1)
    planned = opened + np.round(term * rng.uniform(0.95, 1.02, n))
    early = np.where(rng.random(n) < 0.45, rng.beta(2, 1.2, n), rng.uniform(0.97, 1.1, n))
    ended = np.round(opened + np.minimum(term, 2500) * early)
    late = clients.mix(rng.standard_normal(n), owner, appetite=0.25, discipline=-0.12)
    running = ranks(ended / 700 + 0.8 * late + 0.5 * card) > 1 - ACTIVE - SOLD
    cut = np.round(opened * rng.uniform(0.02, 0.6, n))
    ended = np.where(running, np.nan, np.where(ended > -1, cut, ended))
    missing = rng.random(n) < np.where(card, 0.155, 0.0333)
    columns: Columns = {
        "CREDIT_ACTIVE": named(_state(rng, clients, owner, running), STATES),
        "DAYS_CREDIT": opened,
        "DAYS_CREDIT_ENDDATE": blank(planned, missing),
        "DAYS_ENDDATE_FACT": ended,
        "DAYS_CREDIT_UPDATE": _updated(rng, opened, ended),
    }
    return columns, opened, ended


def _state(rng: np.random.Generator, clients: Clients, owner: Ints, running: Bools) -> Ints:
    """Closed, active, sold or bad debt by position; sold more often where discipline is low."""
    weak = np.exp(-clients.scores["discipline"][owner])
    sold = running & (rng.random(len(owner)) < 0.0063 * weak)
    bad = sold & (rng.random(len(owner)) < BAD / SOLD)
    return np.where(bad, 3, np.where(sold, 2, running.astype(np.int64)))


def _updated(rng: np.random.Generator, opened: Floats, ended: Floats) -> Floats:
    """The last news: of late for most running credits, about the end for most others."""
    n = len(opened)
    stale = rng.random(n) < 0.22
    fresh = np.where(stale, np.round(opened * rng.random(n)), -2 - np.round(rng.gamma(1.3, 16, n)))
    delay = np.where(rng.random(n) < 0.22, -ended * rng.random(n), rng.gamma(1.0, 12.0, n))
    after = np.minimum(ended + np.round(delay), -2)
    return np.where(np.isnan(ended), np.maximum(fresh, opened), after)


def _money(
    rng: np.random.Generator,
    clients: Clients,
    owner: Ints,
    kinds: Ints,
    running: Bools,
    opened: Floats,
    life: Columns,
    table: Table,
) -> Columns:
    """Sum, debt and limit: a running credit owes what its remaining term leaves."""
    n = len(owner)
    size = clients.mix(rng.standard_normal(n), owner, AMT_INCOME_TOTAL=0.35, AMT_GOODS_PRICE=0.15)
    for kind, move in SIZE_BY_TYPE.items():
        size[kinds == kind] += move
    size += 0.6 * running
    empty = (kinds == CARD) & (rng.random(n) < 0.165)
    total = quantile(ranks(np.where(empty, size - 9, size)), table.columns["AMT_CREDIT_SUM"])
    total = snapped(total, 22500.0, (rng.random(n) < 0.35) & (total > 40000))
    planned: Floats = np.nan_to_num(np.asarray(life["DAYS_CREDIT_ENDDATE"]), nan=400.0)
    left = np.clip(planned, 0, None) / np.maximum(planned - opened, 1)
    use = clients.mix(rng.standard_normal(n), owner, appetite=0.5, discipline=-0.2)
    drawn = np.clip(0.45 + 0.4 * use, 0, 1.1)
    card = kinds == CARD
    share = np.where(card, drawn, np.clip(left**0.5 + 0.15 * use, 0, 1.2))
    debt = np.where(running, amount(total * share), 0.0)
    unused = np.where(card & running & (rng.random(n) < 0.36), np.maximum(total - debt, 0), 0.0)
    return {
        "AMT_CREDIT_SUM": total,
        "AMT_CREDIT_SUM_DEBT": blank(debt, rng.random(n) < np.where(running, 0.17, 0.138)),
        "AMT_CREDIT_SUM_LIMIT": blank(
            amount(unused), rng.random(n) < np.where(running, 0.33, 0.355)
        ),
    }


def _trouble(
    rng: np.random.Generator,
    clients: Clients,
    owner: Ints,
    running: Bools,
    money: Columns,
    table: Table,
) -> Columns:
    """Days and amounts overdue: the less disciplined the client, the more and the worse."""
    n = len(owner)
    careless = clients.mix(rng.standard_normal(n), owner, discipline=-0.6, appetite=0.1)
    facts = table.columns
    overdue = quantile(ranks(careless + 3.0 * running), facts["CREDIT_DAY_OVERDUE"])
    owed = quantile(ranks(careless + 3.0 * running), facts["AMT_CREDIT_SUM_OVERDUE"])
    worst = quantile(ranks(careless + rng.standard_normal(n)), facts["AMT_CREDIT_MAX_OVERDUE"])
    size: Floats = np.asarray(money["AMT_CREDIT_SUM"])
    prolonged = quantile(ranks(careless + 1.2 * running), facts["CNT_CREDIT_PROLONG"])
    return {
        "CREDIT_DAY_OVERDUE": overdue,
        "AMT_CREDIT_SUM_OVERDUE": amount(owed),
        "AMT_CREDIT_MAX_OVERDUE": blank(
            amount(np.minimum(worst, np.maximum(20 * size, 900000.0))),
            rng.random(n) < facts["AMT_CREDIT_MAX_OVERDUE"].missing,
        ),
        "CNT_CREDIT_PROLONG": prolonged,
    }


def _annuity(rng: np.random.Generator, money: Columns, table: Table) -> Floats:
    """The instalment, where it is known: half of the credits that show one show 0."""
    size = ranks(
        np.asarray(money["AMT_CREDIT_SUM"])
        * np.exp(rng.standard_normal(len(money["AMT_CREDIT_SUM"])))
    )
    return amount(quantile(size, table.columns["AMT_ANNUITY"]))
