"""Clients with what a model said of them unseen: kept with the run, for whoever decides later."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scoring_model.contract import Vector
from train.evaluation.groups import Grouping
from train.fitting.folds import Outcomes

OUT_OF_FOLD, HOLDOUT = "out_of_fold.parquet", "holdout.parquet"
"""Clients that the model learned from, each scored by a model that did not; and set aside ones."""
COLUMNS = ("id", "outcome", "probability")
GROUP = "group:"
LEAST_KAPPA = 0.5
"""Agreement of outcomes from which on equal ids are equal clients."""


@dataclass(frozen=True)
class Scored:
    """`outcome` is 1 for a default, `probability` of default is calibrated; shape (clients,)."""

    ids: npt.NDArray[Any]
    outcome: Outcomes
    probability: Vector
    groupings: tuple[Grouping, ...] = ()

    def write(self, path: Path) -> None:
        """As Parquet: id, outcome, probability, and a column for each grouping."""
        groups = {
            f"{GROUP}{g.attribute}:{g.column}": pa.array(g.labels, pa.string()).dictionary_encode()
            for g in self.groupings
        }
        values = (pa.array(self.ids), pa.array(self.outcome), pa.array(self.probability))
        pq.write_table(pa.table(dict(zip(COLUMNS, values, strict=True)) | groups), path)

    @classmethod
    def read(cls, path: Path) -> "Scored":
        """What `write` wrote."""
        table = pq.read_table(path)
        ids, outcome, probability = (table[name].to_numpy() for name in COLUMNS)
        names = [name for name in table.column_names if name.startswith(GROUP)]
        return cls(
            ids,
            outcome.astype(np.int8),
            probability,
            tuple(_grouping(name, table[name].cast(pa.string())) for name in names),
        )

    def probability_of(self, ids: npt.NDArray[Any], outcome: Outcomes) -> Vector:
        """The probability of default of each of `ids`, NaN for one that is not among these.

        All NaN where clients in both had other outcomes: then equal ids are not equal clients.
        """
        index = pd.Index(self.ids.astype(str))
        places = index.get_indexer(pd.Index(ids.astype(str)))
        known = places >= 0
        found = np.full(len(ids), np.nan)
        if _same(self.outcome[places[known]], outcome[known]):
            found[known] = self.probability[places[known]]
        return found


def _same(then: Outcomes, now: Outcomes) -> bool:
    """Whether these are outcomes of the same clients, of whom a few may have defaulted since.

    Those of different clients agree by chance alone: told by Cohen's kappa (1960), which is 1 for
    equal outcomes and about 0 for unrelated ones.
    """
    if np.array_equal(then, now):
        return True
    bad = float(np.mean(then)), float(np.mean(now))
    by_chance = bad[0] * bad[1] + (1 - bad[0]) * (1 - bad[1])
    agreed = float(np.mean(then == now))
    return by_chance < 1 and (agreed - by_chance) / (1 - by_chance) > LEAST_KAPPA


def _grouping(name: str, labels: pa.ChunkedArray) -> Grouping:
    attribute, column = name.removeprefix(GROUP).split(":", 1)
    return Grouping(attribute, column, labels.to_numpy(zero_copy_only=False).astype(object))
