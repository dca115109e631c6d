"""The published columns of previous_application, from the applications and their terms."""

import numpy as np
import pyarrow as pa

from sample.block import Block
from sample.clients import Clients
from sample.draw import Bools, Columns, Floats, Ints, blank, column, named, pick, quantile
from sample.facts import Column, Facts, Table
from sample.previous import CARD, CASH, CONSUMER, Applications, label_columns
from sample.previous_terms import NEVER, PERIOD, Terms

INDEPENDENT = (
    "WEEKDAY_APPR_PROCESS_START",
    "HOUR_APPR_PROCESS_START",
    "FLAG_LAST_APPL_PER_CONTRACT",
    "NFLAG_LAST_APPL_IN_DAY",
    "NAME_TYPE_SUITE",
)
RATES = ("RATE_INTEREST_PRIMARY", "RATE_INTEREST_PRIVILEGED")  # filled together
RATED = 0.00815  # of the consumer applications, .356 % of all
# The published down payment rate counts the fee that the goods carry: 10 % down shows as .10891
RATE_OF_DOWN_PAYMENT = 1.0890909
CHANNELS = {  # shares by contract type, fitted to the published totals
    CONSUMER: {"Country-wide": 0.575, "Stone": 0.275, "Regional / Local": 0.15},
    CASH: {
        "Credit and cash offices": 0.78,
        "Country-wide": 0.04,
        "Contact center": 0.087,
        "AP+ (Cash loan)": 0.076,
        "Stone": 0.008,
        "Channel of corporate sales": 0.008,
        "Car dealer": 0.001,
    },
    CARD: {
        "Credit and cash offices": 0.70,
        "Country-wide": 0.22,
        "Stone": 0.05,
        "Contact center": 0.03,
    },
}


def previous_columns(
    block: Block, clients: Clients, apps: Applications, terms: Terms, facts: Facts
) -> Columns:
    """All columns of previous_application, one row per application of the block."""
    rng, table = block.rng("previous columns"), facts.tables["previous_application"]
    columns = {name: column(rng, table.columns[name], len(apps)) for name in INDEPENDENT}
    rated = (apps.contract == CONSUMER) & (rng.random(len(apps)) < RATED)
    for name in RATES:
        values = quantile(rng.random(len(apps)), table.columns[name])
        columns[name] = np.where(rated, values, np.nan)
    columns |= label_columns(block.rng("yield"), clients, apps, table)
    columns |= _money(rng, apps, terms)
    columns |= _days(rng, apps, terms)
    columns |= _shop(rng, apps, table)
    return columns | {"CHANNEL_TYPE": _channel(rng, apps), "NAME_CLIENT_TYPE": _type(rng, apps)}


def _money(rng: np.random.Generator, apps: Applications, terms: Terms) -> Columns:
    n = len(apps)
    consumer, cash = apps.contract == CONSUMER, apps.contract == CASH
    shown = rng.random(n) < np.where(consumer, 0.97, np.where(cash, 0.09, 0.0))
    goods = np.nan_to_num(terms.goods)
    rate = np.divide(terms.down, goods, out=np.zeros(n), where=goods > 0)
    insured = (rng.random(n) < np.where(cash, 0.46, 0.29)).astype(np.float64)
    return {
        "AMT_ANNUITY": blank(terms.annuity, ~apps.offered),
        "AMT_APPLICATION": goods,
        "AMT_CREDIT": terms.credit,
        "AMT_DOWN_PAYMENT": blank(terms.down, ~shown),
        "AMT_GOODS_PRICE": terms.goods,
        "RATE_DOWN_PAYMENT": blank(np.minimum(RATE_OF_DOWN_PAYMENT * rate, 1.0), ~shown),
        "CNT_PAYMENT": blank(terms.months, ~apps.offered),
        "NFLAG_INSURED_ON_APPROVAL": blank(insured, ~terms.begun),
    }


def _days(rng: np.random.Generator, apps: Applications, terms: Terms) -> Columns:
    """Days of the loan; a card has no last due day and no end, and may never have been used."""
    n = len(apps)
    card = apps.contract == CARD
    idle = card & (rng.random(n) < 0.433)
    used = card & (~idle | (rng.random(n) < 0.24))
    agreed = terms.first_due + PERIOD * (terms.months - 1)
    ended = terms.last_due + np.round(rng.gamma(2.0, 4.0, n))
    running = (terms.last_due >= NEVER) | (ended >= -2)
    days = {
        "DAYS_FIRST_DRAWING": np.where(used, np.minimum(apps.decided + 10, -1), NEVER),
        "DAYS_FIRST_DUE": np.where(idle, NEVER, terms.first_due),
        "DAYS_LAST_DUE_1ST_VERSION": np.where(card, NEVER, agreed),
        "DAYS_LAST_DUE": terms.last_due,
        "DAYS_TERMINATION": np.where(running, NEVER, ended),
    }
    columns: Columns = {name: blank(values, ~terms.begun) for name, values in days.items()}
    return columns | {"DAYS_DECISION": apps.decided}


def _shop(rng: np.random.Generator, apps: Applications, table: Table) -> Columns:
    """Where and for what: XNA in the columns that only make sense for goods bought in a shop."""
    facts, n = table.columns, len(apps)
    consumer, cash = apps.contract == CONSUMER, apps.contract == CASH
    sold = consumer & (rng.random(n) < 0.986)
    named_purpose = cash & apps.offered & (rng.random(n) < 0.151)
    purpose = _labels(rng, facts["NAME_CASH_LOAN_PURPOSE"], named_purpose, ("XNA", "XAP"), cash)
    area = quantile(0.457 + 0.543 * rng.random(n), facts["SELLERPLACE_AREA"])
    in_shop = consumer | (rng.random(n) < 0.176)
    branch = consumer | (rng.random(n) < 0.09)
    paid = apps.offered & (apps.contract != CARD) & (rng.random(n) < 0.905)
    return {
        "NAME_CASH_LOAN_PURPOSE": purpose,
        "NAME_GOODS_CATEGORY": _labels(rng, facts["NAME_GOODS_CATEGORY"], sold, ("XNA",)),
        "NAME_SELLER_INDUSTRY": _labels(rng, facts["NAME_SELLER_INDUSTRY"], branch, ("XNA",)),
        "NAME_PAYMENT_TYPE": _labels(rng, facts["NAME_PAYMENT_TYPE"], paid, ("XNA",)),
        "SELLERPLACE_AREA": np.where(in_shop, np.maximum(area, 0), -1),
    }


def _labels(
    rng: np.random.Generator,
    fact: Column,
    where: Bools,
    others: tuple[str, ...],
    first: Bools | None = None,
) -> pa.Array:
    """Categories where they apply; elsewhere the first of `others`, or the last if not `first`."""
    shares = {name: share for name, share in fact.shares.items() if name not in others}
    codes: Ints = pick(rng.random(len(where)), list(shares.values()))
    none = len(shares) + (0 if first is None else np.where(first, 0, 1))
    return named(np.where(where, codes, none), [*shares, *others])


def _channel(rng: np.random.Generator, apps: Applications) -> pa.Array:
    names = list(dict.fromkeys(name for shares in CHANNELS.values() for name in shares))
    p = rng.random(len(apps))
    codes = np.zeros(len(apps), dtype=np.int64)
    for kind, shares in CHANNELS.items():
        rows = apps.contract == kind
        codes[rows] = np.array([names.index(name) for name in shares])[
            pick(p[rows], list(shares.values()))
        ]
    return named(codes, names)


def _type(rng: np.random.Generator, apps: Applications) -> pa.Array:
    """New for most clients' first application, then repeater or refreshed."""
    order = np.lexsort((apps.decided, apps.owner))
    first = np.zeros(len(apps), dtype=bool)
    first[order[np.flatnonzero(np.diff(apps.owner[order], prepend=-1))]] = True
    p: Floats = rng.random(len(apps))
    codes = np.where(first & (p < 0.87), 1, np.where(p < 0.10, 2, 0))
    return named(np.where(p > 0.9988, 3, codes), ["Repeater", "New", "Refreshed", "XNA"])
