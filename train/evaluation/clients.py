"""The clients that models are compared on, and what a model said of clients it had not seen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import cohen_kappa_score

from scoring_model.artifacts import Artifacts
from scoring_model.contract import Contract, Matrix, Vector
from scoring_model.derive import Derivation
from scoring_model.encoding import Encoder
from train.data.dataset import persons
from train.evaluation.fairness import Grouping, groupings
from train.evaluation.threshold import Lent
from train.fitting.folds import Outcomes, Persons, Rows

MOST_CLIENTS = 50_000
"""Without a holdout, as many of the clients that were learned from are judged: plenty for the
intervals, and the champion need not score them all."""
OUT_OF_FOLD, HOLDOUT = "out_of_fold.parquet", "holdout.parquet"
"""Clients that the model learned from, each scored by a model that did not; and set aside ones."""
GROUP = "group:"
LEAST_KAPPA = 0.5
"""Agreement of outcomes from which on equal ids are equal clients."""

Keys = npt.NDArray[np.uint64]
"""A hash of what a model sees of each client, whatever the client's id."""


@dataclass(frozen=True)
class Clients:
    """Clients with their outcomes and protected groups: arrays of shape (clients,).

    `table` has their raw columns and is None where there are none; `target` names the column of
    the outcome, where that is known; `persons` has equal numbers for the ids of one person.
    """

    ids: npt.NDArray[Any]
    defaulted: Outcomes
    groupings: tuple[Grouping, ...] = ()
    table: pa.Table | None = None
    target: str | None = None
    persons: Persons | None = None

    @classmethod
    def of(cls, table: pa.Table, id: str, target: str, group: str | None = None) -> "Clients":
        """All clients of a table of raw columns with outcomes of 0 and 1, in its order."""
        columns = dict(zip(table.column_names, table.columns, strict=True))
        defaulted = table[target].to_numpy().astype(np.int8)
        person = None if group is None else persons(table[group])
        return cls(table[id].to_numpy(), defaulted, groupings(columns), table, target, person)

    def at(self, rows: Rows) -> "Clients":
        """Those at the positions `rows`."""
        return Clients(
            self.ids[rows],
            self.defaulted[rows],
            tuple(grouping.of(rows) for grouping in self.groupings),
            None if self.table is None else self.table.take(rows),
            self.target,
            None if self.persons is None else self.persons[rows],
        )


def drawn(rows: Rows, seed: int) -> Rows:
    """At most `MOST_CLIENTS` of the `rows`, in their order."""
    if len(rows) <= MOST_CLIENTS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_CLIENTS, replace=False))


def model_matrix(table: pa.Table, contract: Contract, derivation: Derivation) -> Matrix:
    """What a model sees of clients, from their raw columns; shape (clients, model's columns)."""
    columns = {name: table[name].to_pandas() for name in contract.columns}
    return derivation.apply(Encoder(contract).encode_columns(columns, table.num_rows))


def score(table: pa.Table, model: Artifacts, threads: int) -> Vector:
    """Probabilities of default, as the finished model gives them, shape (clients,)."""
    matrix = model_matrix(table, model.contract, model.derivation)
    return model.calibration.apply(model.estimator.booster_.predict(matrix, num_threads=threads))


def keys(matrix: Matrix) -> Keys:
    """A hash of each row of a model's matrix, shape (clients, columns)."""
    hashed = pd.util.hash_pandas_object(pd.DataFrame(matrix), index=False)
    return hashed.to_numpy().astype(np.uint64)


@dataclass(frozen=True)
class Scored:
    """Clients with their calibrated probability of default, shape (clients,).

    `lent` are decisions made without the clients' own outcomes, `keys` hashes of the rows of the
    model's matrix; None where they are not known.
    """

    clients: Clients
    probability: Vector
    lent: Lent | None = None
    keys: Keys | None = None

    def at(self, rows: Rows) -> "Scored":
        """Those at the positions `rows`."""
        lent = None if self.lent is None else self.lent[rows]
        hashed = None if self.keys is None else self.keys[rows]
        return Scored(self.clients.at(rows), self.probability[rows], lent, hashed)

    def write(self, path: Path) -> None:
        """As Parquet, kept with the run: a column for each array and for each grouping."""
        clients = self.clients
        columns = {
            "id": clients.ids,
            "outcome": clients.defaulted,
            "probability": self.probability,
            "accepted": self.lent,
            "key": self.keys,
            "person": clients.persons,
        }
        known = {name: pa.array(values) for name, values in columns.items() if values is not None}
        for grouping in clients.groupings:
            labels = pa.array(grouping.labels, pa.string()).dictionary_encode()
            known[f"{GROUP}{grouping.attribute}:{grouping.column}"] = labels
        pq.write_table(pa.table(known), path)

    @classmethod
    def read(cls, path: Path) -> "Scored":
        """What `write` wrote."""
        table = pq.read_table(path).to_pandas()
        found = {name: table[name].to_numpy() for name in table if not name.startswith(GROUP)}
        groups = []
        for name in table.filter(like=GROUP):
            _, attribute, column = name.split(":", 2)
            groups.append(Grouping(attribute, column, table[name].to_numpy().astype(object)))
        outcomes, persons = found["outcome"].astype(np.int8), found.get("person")
        clients = Clients(found["id"], outcomes, tuple(groups), persons=persons)
        return cls(clients, found["probability"], found.get("accepted"), found.get("key"))

    def places(self, clients: Clients, hashed: Keys | None = None) -> Rows:
        """The position here of each of `clients`, -1 for one that is not among these.

        They are known by their ids or, where `hashed` is given, by these keys. All are -1 where
        clients in both had other outcomes: then equal ids are not equal clients.
        """
        here, there = (self.clients.ids.astype(str), clients.ids.astype(str))
        nowhere = np.full(len(clients.ids), -1)
        if hashed is not None:
            if self.keys is None:
                return nowhere
            here, there = self.keys, hashed
        index = pd.Index(here)
        unique = np.flatnonzero(~index.duplicated(keep=False))
        found = index[unique].get_indexer(pd.Index(there))
        places = np.where(found >= 0, unique[found] if len(unique) else -1, -1)
        known = places >= 0
        then, now = self.clients.defaulted[places[known]], clients.defaulted[known]
        # A few may have defaulted since. Outcomes of different clients agree by chance alone:
        # Cohen's kappa (1960) is 1 for equal outcomes and about 0 for unrelated ones.
        same = np.array_equal(then, now) or cohen_kappa_score(then, now) > LEAST_KAPPA
        return places if same else nowhere
