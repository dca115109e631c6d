"""Past clients as training sees them: encoded columns, outcomes, and what identifies them."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from scoring_model.contract import Contract, Matrix
from scoring_model.derive import Derivation
from scoring_model.encoding import Encoder
from train.data import derive
from train.data.columns import Say, feature
from train.errors import MissingValues, TrainError


@dataclass(frozen=True)
class Dataset:
    """Clients as the model sees them and their outcomes, in the order of their ids.

    `matrix` is float64 of shape (clients, `derivation.columns`); `defaulted` is int8 of shape
    (clients,), 1 for a client who defaulted; `digest` is a fingerprint of what was read: equal
    data, equal digest. `persons` has a whole number for each client, the same for the ids of one
    person, where that is known.
    """

    ids: npt.NDArray[Any]
    matrix: Matrix
    defaulted: npt.NDArray[np.int8]
    contract: Contract
    derivation: Derivation
    digest: str
    persons: npt.NDArray[np.int64] | None = None
    times: npt.NDArray[np.int64] | None = None

    @property
    def id_type(self) -> type[int] | type[str]:
        """The type of a client's id."""
        return int if np.issubdtype(self.ids.dtype, np.integer) else str

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the model's columns."""
        return self.derivation.columns

    @property
    def categories(self) -> list[int]:
        """Positions among the model's columns of those that are categories."""
        names = {feature.name for feature in self.contract.features if feature.kind == "category"}
        return [position for position, name in enumerate(self.columns) if name in names]

    def restricted_to(self, positions: npt.NDArray[np.int64]) -> "Dataset":
        """The same clients with fewer of the model's columns, and of a caller's only those that
        they are made of. `positions` are in ascending order."""
        if len(positions) == len(self.columns):
            return self
        derivation = self.derivation.restricted_to([self.columns[place] for place in positions])
        contract = self.contract.restricted_to(derivation.inputs)
        return replace(
            self,
            matrix=np.ascontiguousarray(self.matrix[:, positions]),
            contract=contract,
            derivation=derivation,
        )


def encode(
    table: pa.Table,
    id: str,
    target: str,
    say: Say,
    group: str | None = None,
    ignored: Collection[str] = (),
    time: str | None = None,
) -> Dataset:
    """Builds the contract of a table with an id, a 0/1 target and features; encodes and derives.

    `group` names the column that identifies persons, `time` the one that orders clients in time;
    neither they nor the `ignored` columns are features. Columns that cannot be a feature are left
    out, each with a line to `say`. Raises TrainError if that leaves none, and MissingValues for a
    client without a time.
    """
    table = table.sort_by(id)
    columns = [n for n in table.column_names if n not in {id, target, group, time, *ignored}]
    features = tuple(found for name in columns if (found := feature(table, name, say)))
    if not features:
        raise TrainError("the data has no column that could be a feature")
    used = [found.name for found in features]
    contract = Contract(id, features, tuple(name for name in columns if name not in used))
    ids, defaulted = table[id].to_numpy(), table[target].to_numpy().astype(np.int8)
    series = {name: table[name].to_pandas() for name in used}
    encoded = Encoder(contract).encode_columns(series, table.num_rows)
    # Fitted once, before the folds: what is usual in a group is learned without the outcomes.
    derivation = derive.fit(contract.columns, encoded)
    return Dataset(
        ids=ids,
        matrix=np.ascontiguousarray(derivation.apply(encoded)),
        defaulted=defaulted,
        contract=contract,
        derivation=derivation,
        digest=_digest(contract, ids, encoded, defaulted),
        persons=None if group is None else persons(table[group]),
        times=None if time is None else times(table, time),
    )


def persons(values: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """A whole number for each row, equal for equal values; one of its own for a missing value."""
    codes, distinct = pd.factorize(values.to_pandas())
    numbers: npt.NDArray[np.int64] = codes.astype(np.int64)
    alone = np.flatnonzero(numbers < 0)
    numbers[alone] = len(distinct) + np.arange(len(alone))
    return numbers


def times(table: pa.Table, column: str) -> npt.NDArray[np.int64]:
    """Ranks of the rows in time, equal for equal times. Raises MissingValues."""
    values = table[column].to_pandas()
    if missing := int(values.isna().sum()):
        raise MissingValues("the table of clients", column, missing)
    ranks: npt.NDArray[np.int64] = values.rank(method="dense").to_numpy().astype(np.int64)
    return ranks


def _digest(
    contract: Contract, ids: npt.NDArray[Any], encoded: Matrix, defaulted: npt.NDArray[np.int8]
) -> str:
    digest = hashlib.sha256(contract.to_json().encode())
    digest.update("\n".join(map(str, ids.tolist())).encode())
    for column in encoded.T:
        digest.update(column.tobytes())
    digest.update(defaulted.tobytes())
    return digest.hexdigest()[:32]
