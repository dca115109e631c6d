"""The loan that is applied for: goods price, credit, instalment and the product behind them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sample.clients import Clients
from sample.draw import Columns, Floats, amount, blank, named, pick, quantile, ranks, snapped
from sample.facts import Column

REVOLVING_TRAIN, REVOLVING_TEST = 0.0952, 0.0100  # published shares of revolving loans
TEST_SIZE = 0.86  # test loans against train loans: mean AMT_GOODS_PRICE 462,619 / 538,396
REVOLVING_RATE = 1 / 20  # a revolving loan's AMT_ANNUITY is a twentieth of its AMT_CREDIT

# Credit / goods: the insurance that a cash loan may carry, with shares
INSURANCE = np.array([0.92, 1.0, 1.0488, 1.0788, 1.1188, 1.132, 1.1584, 1.198, 1.2376, 1.2948])
INSURANCE_SHARES = [0.01, 0.26, 0.04, 0.09, 0.13, 0.13, 0.06, 0.19, 0.07, 0.02]

# Cash loan products: months and monthly rate. AMT_CREDIT / AMT_ANNUITY of each is one clear value
MONTHS = np.array([10, 12, 18, 24, 30, 36, 42, 48, 54, 60])
MONTHS_SHARES = [0.04, 0.16, 0.16, 0.18, 0.12, 0.15, 0.07, 0.05, 0.04, 0.03]
RATES = np.array([0.0085, 0.0125, 0.0155, 0.0185, 0.0225])
RATES_SHARES = [0.12, 0.25, 0.28, 0.22, 0.13]


@dataclass(frozen=True)
class Loan:
    """One loan per client; `insured` and `dear` say how costly it is, which bears on its risk."""

    revolving: np.ndarray
    goods: Floats
    credit: Floats
    annuity: Floats
    insured: Floats
    dear: Floats


def instalment(credit: Floats, months: Floats, monthly_rate: Floats) -> Floats:
    """The constant payment that repays a credit: C r / (1 - (1 + r)^-n)."""
    return credit * monthly_rate / -np.expm1(-months * np.log1p(monthly_rate))


def draw_loan(rng: np.random.Generator, clients: Clients, goods_fact: Column) -> Loan:
    """The clients' loans."""
    n = len(clients)
    revolving = rng.random(n) < np.where(clients.train, REVOLVING_TRAIN, REVOLVING_TEST)
    size = clients.scores["AMT_GOODS_PRICE"] - 0.9 * revolving
    goods = quantile(ranks(size), goods_fact) * np.where(clients.train, 1.0, TEST_SIZE)
    kind = rng.random(n)
    goods = snapped(goods, 45000.0, kind < 0.55)
    goods = np.where((kind > 0.55) & (kind < 0.8), snapped(goods, 22500.0, kind < 0.8), goods)
    insured = np.where(revolving, 1.0, INSURANCE[pick(rng.random(n), INSURANCE_SHARES)])
    credit = amount(goods * insured)
    longer = ranks(0.75 * size + 0.66 * rng.standard_normal(n))
    months = MONTHS[pick(longer, MONTHS_SHARES)].astype(np.float64)
    dearer = ranks(-0.4 * size + 0.92 * rng.standard_normal(n))
    rate = RATES[pick(dearer, RATES_SHARES)]
    annuity = np.where(revolving, credit * REVOLVING_RATE, instalment(credit, months, rate))
    dear = np.where(revolving, 0.0, (rate - 0.0155) / 0.004)
    return Loan(revolving, goods, credit, amount(annuity), insured, dear)


def loan_columns(rng: np.random.Generator, loan: Loan, annuity_missing: float) -> Columns:
    """The loan's published columns."""
    n = len(loan.goods)
    kinds: pa.Array = named(loan.revolving.astype(np.int64), ["Cash loans", "Revolving loans"])
    return {
        "NAME_CONTRACT_TYPE": kinds,
        "AMT_CREDIT": loan.credit,
        "AMT_ANNUITY": blank(loan.annuity, rng.random(n) < annuity_missing),
        "AMT_GOODS_PRICE": blank(loan.goods, loan.revolving & (rng.random(n) < 0.0095)),
    }
