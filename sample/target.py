"""TARGET: whether each client defaults, from the application and from what drives the history."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from sample.clients import Clients
from sample.draw import Bools, Columns, Floats, Ints
from sample.facts import Column, Facts
from sample.loan import Loan

DEFAULT_RATE = 24_825 / 307_511  # published

# Log-odds of default per standard deviation of a score. Those of EXT_SOURCE_1-3 come from their
# published default rates by decile, which are close to linear; the two unseen ones are chosen so
# that the history raises the AUC over the application about as much as the published models gain.
SLOPES = {
    "DAYS_BIRTH": -0.22,
    "EXT_SOURCE_1": -0.36,
    "EXT_SOURCE_2": -0.33,
    "EXT_SOURCE_3": -0.32,
    "discipline": -0.53,
    "appetite": 0.50,
    "thin_file": 0.10,
    "DAYS_REGISTRATION": 0.03,
    "DAYS_ID_PUBLISH": 0.06,
    "DAYS_LAST_PHONE_CHANGE": 0.06,
    "OWN_CAR_AGE": 0.05,
}
# Share of each published log-odds that is the column's own and not its link to the scores above
OWN = {
    "CODE_GENDER": 0.9,
    "NAME_EDUCATION_TYPE": 0.8,
    "NAME_FAMILY_STATUS": 0.4,
    "NAME_INCOME_TYPE": 0.5,
    "NAME_HOUSING_TYPE": 0.5,
    "NAME_CONTRACT_TYPE": 0.6,
    "OCCUPATION_TYPE": 0.8,
    "ORGANIZATION_TYPE": 0.7,
    "REGION_RATING_CLIENT_W_CITY": 0.4,
    "REG_CITY_NOT_LIVE_CITY": 0.4,
    "REG_CITY_NOT_WORK_CITY": 0.2,
    "FLAG_OWN_CAR": 0.9,
    "FLAG_WORK_PHONE": 0.8,
    "FLAG_PHONE": 0.5,
    "FLAG_DOCUMENT_3": 0.6,
    "DEF_60_CNT_SOCIAL_CIRCLE": 0.9,
    "WALLSMATERIAL_MODE": 0.5,
}
OWN_BINS = {"AMT_GOODS_PRICE": 0.9, "DAYS_EMPLOYED": 0.7}
# Log-odds per unit: an insured or dear loan, and an instalment heavy against the income
INSURED, DEAR, BURDEN = 1.8, 0.16, 0.10


def default_score(clients: Clients, loan: Loan, columns: Columns, facts: Facts) -> Floats:
    """Log-odds of default up to a constant, one per client."""
    table = facts.tables["application_train"]
    score = np.zeros(len(clients))
    for name, slope in SLOPES.items():
        score += slope * clients.scores[name]
    for name, share in OWN.items():
        score += share * _by_category(columns[name], table.columns[name])
    for name, share in OWN_BINS.items():
        bins = facts.raw["default_rate_by_bin"][name]
        score += share * _by_bin(np.asarray(columns[name]), bins)
    burden = np.log(loan.annuity / np.asarray(columns["AMT_INCOME_TOTAL"]))
    score += INSURED * (loan.insured - 1) + DEAR * loan.dear + BURDEN * burden
    return score


def draw_target(rng: np.random.Generator, score: Floats, train: Bools) -> Ints:
    """1 for the clients that default: the published share of the block's training clients.

    Each client's chance is the logistic function of its score, moved so that the chances add up,
    and the draw is systematic (one client per unit of the running sum), so that the share holds
    in every block.
    """
    shift = 0.0
    for _ in range(20):
        p = 1 / (1 + np.exp(-(score + shift)))
        shift += (DEFAULT_RATE - p[train].mean()) / (p * (1 - p))[train].mean()
    p = np.where(train, 1 / (1 + np.exp(-(score + shift))), 0.0)
    order = rng.permutation(len(p))
    passed = np.floor(np.cumsum(p[order]) + rng.random())
    target = np.empty(len(p), dtype=np.int64)
    target[order] = np.diff(passed, prepend=0.0) > 0
    return target


def _log_odds(rate: float) -> float:
    """Log-odds of a default rate, against those of the whole; rare categories stay moderate."""
    rate = min(max(rate, 0.02), 0.3)
    return float(np.log(rate / (1 - rate)) - np.log(DEFAULT_RATE / (1 - DEFAULT_RATE)))


def _by_category(values: np.ndarray | pa.Array, fact: Column) -> Floats:
    effects = {name: _log_odds(rate) for name, rate in fact.default_rates.items()}
    if isinstance(values, np.ndarray):
        return _by_number(values.astype(np.float64), effects)
    by_code = np.array([*(effects.get(name, 0.0) for name in values.dictionary.to_pylist()), 0.0])
    codes = values.indices.fill_null(len(by_code) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(by_code[codes], dtype=np.float64)


def _by_number(values: Floats, effects: Mapping[str, float]) -> Floats:
    score = np.zeros(len(values))
    for value, effect in effects.items():
        score[values == float(value)] = effect
    return score


def _by_bin(values: Floats, bins: list[list[float]]) -> Floats:
    """`bins` are (upper edge, default rate); missing and sentinel values count as nothing."""
    edges = np.array([edge for edge, _ in bins])
    effects = np.array([*(_log_odds(rate) for _, rate in bins), 0.0])
    place = np.searchsorted(edges, np.nan_to_num(values, nan=np.inf), side="left")
    return effects[place]
