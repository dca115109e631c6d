"""bureau_balance: the state of each bureau credit month by month."""

import numpy as np

from sample.block import Block
from sample.bureau import Credits
from sample.clients import Clients
from sample.draw import Columns, Floats, Ints, named, owners, places
from sample.facts import Facts

DAYS_PER_MONTH = 30.4375
OLDEST = 96  # months kept
ORPHANS = 43_041 / 774_354  # credits with months but no row in bureau, per one that has a row
STATUS = ("C", "0", "X", "1", "2", "3", "4", "5")
CLOSED, PAID, UNKNOWN = 0, 1, 2
LATE_SHARES = [0.706, 0.068, 0.026, 0.017, 0.183]  # of the late months, 1 to 5 (5 being the worst)


def draw_bureau_balance(block: Block, clients: Clients, credits: Credits, facts: Facts) -> Columns:
    """Months of the reported credits, and of a few that bureau itself no longer holds."""
    rng = block.rng("bureau_balance")
    kept = np.flatnonzero(credits.reported & (rng.random(len(credits.owner)) < 0.995))
    orphans = round(len(kept) * ORPHANS)
    id_range = facts.ids("bureau", "SK_ID_BUREAU")
    orphan_ids = block.ids(id_range, len(credits.sk_id) + orphans)[len(credits.sk_id) :]
    begun = np.floor(-credits.opened[kept] / DAYS_PER_MONTH)
    ended = np.floor(-np.nan_to_num(credits.ended[kept], nan=0.0) / DAYS_PER_MONTH)
    ended[np.isnan(credits.ended[kept])] = -1
    old = np.clip(np.round(rng.normal(84, 12, orphans)), 40, OLDEST)
    begun, ended = np.concatenate([begun, old]), np.concatenate([ended, old * rng.random(orphans)])
    latest = _latest(rng, begun, orphans)
    kept_share = np.where(rng.random(len(begun)) < 0.2, 0.65, 1.0)
    counts = np.round((np.minimum(begun, OLDEST) - latest + 1) * kept_share).astype(np.int64)
    counts = np.maximum(counts, 1)
    who = np.concatenate([credits.owner[kept], rng.integers(0, len(clients), orphans)])
    row = owners(counts)
    month = latest[row] + places(counts)
    status = _status(rng, clients.scores["discipline"][who], ended, row, month)
    return {
        "SK_ID_BUREAU": np.concatenate([credits.sk_id[kept], orphan_ids])[row],
        "MONTHS_BALANCE": -month.astype(np.int64),
        "STATUS": named(status, STATUS),
    }


def _latest(rng: np.random.Generator, begun: Floats, orphans: int) -> Floats:
    """The last month reported: this one for most credits."""
    stopped = rng.random(len(begun)) < 0.38
    latest = np.where(stopped, np.floor(begun * rng.random(len(begun)) ** 2), 0.0)
    latest[len(begun) - orphans :] = np.round(rng.gamma(1.0, 6.0, orphans))
    return np.minimum(latest, begun)


def _status(
    rng: np.random.Generator, discipline: Floats, ended: Floats, row: Ints, month: Floats
) -> Ints:
    """C after the end; before it paid, unknown, or late where discipline is low."""
    unknown = rng.beta(0.40, 0.52, len(ended))
    late = 0.012 * np.exp(-1.1 * discipline) * rng.gamma(0.5, 2.0, len(ended))
    p = rng.random(len(row))
    edge = np.minimum(late, 0.6)[row]
    bad = rng.choice(
        len(LATE_SHARES), int((p < edge).sum()), p=np.array(LATE_SHARES) / sum(LATE_SHARES)
    )
    status = np.where(p < edge + unknown[row] * (1 - edge), UNKNOWN, PAID)
    status[p < edge] = 3 + bad
    return np.where(month < ended[row], CLOSED, status)
