"""The clients of a block: what drives both their application and their history."""

from dataclasses import dataclass

import numpy as np

from sample.block import Block
from sample.draw import Bools, Floats, Ints, ranks
from sample.facts import Facts


@dataclass(frozen=True)
class Clients:
    """One row per client of the block.

    `scores` are standard normal, correlated like the published columns they are named after (a
    Gaussian copula), and with them three that no table shows: `discipline`, the habit of paying on
    time, `appetite`, the hunger for more credit, and `thin_file`, how little the credit bureau
    knows. The history tables show the first two indirectly, so that they hold something about
    TARGET that the application does not.
    """

    sk_id: Ints
    train: Bools
    scores: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.sk_id)

    def chance(self, name: str) -> Floats:
        """A score as evenly spread probabilities."""
        return ranks(self.scores[name])

    def mix(self, noise: Floats, owners: Ints | None = None, **weights: float) -> Floats:
        """Scores weighted and filled up with noise to unit variance, per row of the owners.

        `noise` is standard normal, one per row; `owners` is the client of each row (by default the
        rows are the clients themselves).
        """
        total = np.zeros(len(self))
        for name, weight in weights.items():
            total += weight * self.scores[name]
        rest = np.sqrt(max(0.0, 1.0 - sum(w * w for w in weights.values())))
        owned = total if owners is None else total[owners]
        return np.asarray(owned + rest * noise, dtype=np.float64)


def draw_clients(block: Block, facts: Facts) -> Clients:
    """The block's clients with their ids and scores."""
    names = facts.raw["copula"]["columns"]
    rows = facts.raw["copula"]["correlation"]
    lower = np.zeros((len(names), len(names)))
    for i, row in enumerate(rows):
        lower[i, : i + 1] = row
    correlation = lower + np.tril(lower, -1).T
    noise = block.rng("clients").standard_normal((block.size, len(names)))
    scores = noise @ np.linalg.cholesky(correlation).T
    clients = Clients(
        sk_id=block.client_ids(facts.ids("previous_application", "SK_ID_CURR")),
        train=block.train,
        scores=dict(zip(names, scores.T, strict=True)),
    )
    noise = block.rng("thin_file").standard_normal(block.size)
    clients.scores["thin_file"] = clients.mix(noise, DAYS_BIRTH=0.25, EXT_SOURCE_2=-0.1)
    return clients
