"""previous_application: what each client asked this lender for before, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sample.block import Block
from sample.clients import Clients
from sample.draw import (
    Bools,
    Columns,
    Floats,
    Ints,
    draw_counts,
    named,
    owners,
    pick,
    quantile,
    ranks,
)
from sample.facts import Facts, Table

CONSUMER, CASH, CARD = 0, 1, 2
CONTRACTS = ("Consumer loans", "Cash loans", "Revolving loans", "XNA")
PORTFOLIOS = ("POS", "Cash", "Cards", "XNA", "Cars")
STATUSES = ("Approved", "Canceled", "Refused", "Unused offer")
APPROVED, CANCELED, REFUSED, UNUSED = range(4)
UNFINISHED = "Cash"  # the cash applications that never became a product
NO_PRODUCT = 0.000207  # contract type XNA: no product, cancelled

# Of the applications of each contract type (of the finished ones for cash): share refused, and
# share dropped by the client (unused offers of consumer loans, cancelled cards)
REFUSED_SHARE = (0.1031, 0.3229, 0.2564)
DROPPED_SHARE = (0.0377, 0.0, 0.2374)
UNFINISHED_REFUSED = 0.0608
FIRST_IN_SHOP, CARD_NEXT = -3.5, 1.3  # a client begins with goods in a shop; a card may follow
FIRST_TAKEN = 2.5  # and that first loan is mostly granted
SECOND_CARD = 4.0  # a client hardly ever gets a second card: standard deviations of risk
# Products that change places: the first of each pair is for riskier clients
SWAPS = (
    ("Cash X-Sell: high", "Cash X-Sell: low"),
    ("Cash Street: high", "Cash Street: low"),
    ("POS mobile with interest", "POS industry with interest"),
    ("Card Street", "POS household without interest"),
    ("Cash", "POS household with interest"),
)
# How recent each contract type is, in standard deviations of DAYS_DECISION
RECENT = np.array([-0.35, 0.42, 0.35, 0.0])
CARD_SPREAD = 1.35  # their days spread wider


@dataclass(frozen=True)
class Applications:
    """One row per previous application of the block.

    `product` is a position in PRODUCT_COMBINATION (-1 for none), `contract` in CONTRACTS, `status`
    in STATUSES; `offered` says whether the lender got as far as an offer with an instalment.
    """

    owner: Ints
    sk_id: Ints
    product: Ints
    product_names: tuple[str, ...]
    contract: Ints
    status: Ints
    offered: Bools
    decided: Floats  # DAYS_DECISION

    def __len__(self) -> int:
        return len(self.owner)

    def is_product(self, *parts: str) -> Bools:
        """Rows whose product combination's name has one of the parts."""
        has = [any(part in name for part in parts) for name in self.product_names]
        return np.array([*has, False])[self.product]


def draw_applications(block: Block, clients: Clients, facts: Facts) -> Applications:
    """The block's previous applications, before their amounts and dates."""
    rng, table = block.rng("previous"), facts.tables["previous_application"]
    n = len(clients)
    known = clients.mix(rng.standard_normal(n), DAYS_BIRTH=-0.1)
    present = ranks(known) > 1 - facts.coverage["previous_application"]
    keen = clients.mix(rng.standard_normal(n), appetite=0.3, DAYS_LAST_PHONE_CHANGE=-0.3)
    owner = owners(draw_counts(keen, present, facts.rows_per_client["previous_application"]))
    shares = table.columns["PRODUCT_COMBINATION"].shares
    product, names = _products(rng, clients, owner, shares)
    contract = _contract(product, names)
    status = _status(rng, clients, owner, product == names.index(UNFINISHED), contract)
    status[product < 0] = CANCELED
    offered = ((status == APPROVED) | (status == REFUSED)) & (product != names.index(UNFINISHED))
    offered &= (contract != CONSUMER) | (status == APPROVED) | (rng.random(len(owner)) < 0.87)
    recent = clients.mix(rng.standard_normal(len(owner)), owner, appetite=0.22, discipline=-0.08)
    recent[contract == CARD] *= CARD_SPREAD
    recent += RECENT[contract] + 0.80 * (status != APPROVED)
    recent -= 0.5 * (np.diff(owner, prepend=-1) > 0)
    return Applications(
        owner=owner,
        sk_id=block.ids(facts.ids("previous_application", "SK_ID_PREV"), len(owner)),
        product=product,
        product_names=tuple(names),
        contract=contract,
        status=status,
        offered=offered,
        decided=np.minimum(quantile(ranks(recent), table.columns["DAYS_DECISION"]), -1),
    )


def _products(
    rng: np.random.Generator, clients: Clients, owner: Ints, shares: Mapping[str, float]
) -> tuple[Ints, list[str]]:
    """Products by position: the riskier the client, the dearer the yield and the more cards.

    The contract type follows the place among the client's applications, the product is then drawn
    within it.
    """
    n = len(owner)
    names = sorted(shares, key=lambda name: ("PC".index(name[0]), name[:4] == "Card"))
    of_kind = _contract(np.arange(len(names)), names)
    by_name = np.array([shares[name] for name in names])
    place = np.arange(n) - np.searchsorted(owner, owner)
    order = rng.standard_normal(n) + FIRST_IN_SHOP * (place == 0) + CARD_NEXT * (place == 1)
    by_kind = np.bincount(of_kind, weights=by_name).astype(np.float64)
    kind = pick(ranks(order), by_kind)
    within = rng.random(n)
    product = np.zeros(n, dtype=np.int64)
    for k in range(3):
        product[kind == k] = pick(within[kind == k], np.where(of_kind == k, by_name, 0.0))
    risk = clients.mix(rng.standard_normal(n), owner, discipline=-0.35, appetite=0.30)
    for high, low in SWAPS:
        to_high = (product == names.index(low)) & (risk > 1.0)
        to_low = (product == names.index(high)) & (risk < -1.0)
        product[to_high], product[to_low] = names.index(high), names.index(low)
    product[rng.random(n) < NO_PRODUCT] = -1
    return product, names


def _contract(product: Ints, names: list[str]) -> Ints:
    kinds = {"P": CONSUMER, "Cash": CASH, "Card": CARD}
    by_name = [next(k for part, k in kinds.items() if name.startswith(part)) for name in names]
    return np.array([*by_name, len(kinds)])[product]


def _status(
    rng: np.random.Generator, clients: Clients, owner: Ints, unfinished: Bools, contract: Ints
) -> Ints:
    """Refusals follow the client's risk, with each contract type's published shares."""
    n = len(owner)
    risk = clients.mix(
        rng.standard_normal(n), owner, discipline=-0.32, appetite=0.36, EXT_SOURCE_3=-0.1
    )
    risk -= FIRST_TAKEN * (np.diff(owner, prepend=-1) > 0)
    cards = np.flatnonzero(contract == CARD)
    second = np.zeros(n, dtype=bool)
    second[np.delete(cards, np.unique(owner[cards], return_index=True)[1])] = True
    risk += SECOND_CARD * second
    status = np.full(n, APPROVED)
    for kind, (refused, dropped) in enumerate(zip(REFUSED_SHARE, DROPPED_SHARE, strict=True)):
        rows = np.flatnonzero((contract == kind) & ~unfinished)
        left = ranks(rng.standard_normal(len(rows)) + 1.5 * second[rows]) > 1 - dropped
        status[rows[left]] = UNUSED if kind == CONSUMER else CANCELED
        kept = rows[~left]
        status[kept[ranks(risk[kept]) > 1 - refused / (1 - dropped)]] = REFUSED
    rows = np.flatnonzero(unfinished)
    turned = ranks(risk[rows]) > 1 - UNFINISHED_REFUSED
    status[rows] = np.where(turned, REFUSED, CANCELED)
    return status


def label_columns(
    rng: np.random.Generator, clients: Clients, apps: Applications, table: Table
) -> Columns:
    """Contract, product and status, with XNA and XAP where the published table has them."""
    portfolio = np.where(apps.offered, apps.contract, 3)
    yields = ["XNA", "middle", "high", "low_normal", "low_action"]
    return {
        "SK_ID_PREV": apps.sk_id,
        "SK_ID_CURR": clients.sk_id[apps.owner],
        "NAME_CONTRACT_TYPE": named(apps.contract, CONTRACTS),
        "NAME_CONTRACT_STATUS": named(apps.status, STATUSES),
        "NAME_PORTFOLIO": named(portfolio, PORTFOLIOS),
        "NAME_PRODUCT_TYPE": named(_product_type(rng, apps), ["XNA", "x-sell", "walk-in"]),
        "NAME_YIELD_GROUP": named(yield_group(rng, apps), yields),
        "PRODUCT_COMBINATION": named(apps.product, apps.product_names),
        "CODE_REJECT_REASON": _reject_reason(rng, clients, apps, table),
    }


def _product_type(rng: np.random.Generator, apps: Applications) -> Ints:
    unsure = apps.is_product("Cash") & ~apps.is_product(":")
    p = rng.random(len(apps))
    kind = np.where(unsure & (p < 0.148), 1, np.where(unsure & (p < 0.225), 2, 0))
    return np.where(apps.is_product("X-Sell"), 1, np.where(apps.is_product("Street:"), 2, kind))


def yield_group(rng: np.random.Generator, apps: Applications) -> Ints:
    """0 none, 1 middle, 2 high, 3 low normal, 4 low action: how dear the loan is."""
    p = rng.random(len(apps))
    group = np.where(apps.is_product("with interest"), pick(p, [0, 0.42, 0.36, 0.22]), 0)
    group = np.where(apps.is_product("without interest"), pick(p, [0, 0, 0, 0.68, 0.32]), group)
    low = np.where(p < 0.71, 3, 4)
    group = np.where(apps.is_product(": low"), low, group)
    group = np.where(apps.is_product(": middle"), 1, group)
    group = np.where(apps.is_product(": high"), 2, group)
    return np.where(apps.offered, group, 0)


def _reject_reason(
    rng: np.random.Generator, clients: Clients, apps: Applications, table: Table
) -> pa.Array:
    """Why it was refused, the most telling reasons going to the riskiest clients."""
    shares = table.columns["CODE_REJECT_REASON"].shares
    names = list(shares)
    risk = clients.mix(rng.standard_normal(len(apps)), apps.owner, discipline=-0.35, appetite=0.15)
    by_risk = ["SYSTEM", "VERIF", "XNA", "SCO", "LIMIT", "HC", "SCOFR"]
    reason = pick(ranks(risk), [shares[name] for name in by_risk])
    refused = np.array([names.index(name) for name in by_risk])[reason]
    codes = np.where(apps.status == REFUSED, refused, names.index("XAP"))
    return named(np.where(apps.status == UNUSED, names.index("CLIENT"), codes), names)
