"""Past clients as training sees them: encoded columns, outcomes, and what identifies them."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.contract import Contract, Feature, Matrix, Vector
from scoring_model.derive import Derivation
from scoring_model.derive.home_credit import UNKNOWN_CATEGORIES, bounds
from scoring_model.encoding import Encoder
from train.errors import NoFeatures

Say = Callable[[str], None]

MAX_CATEGORIES = 500
"""Distinct texts beyond which a column is a name or a comment, not a category."""

FIXED_CATEGORIES = {
    "CODE_GENDER": ("M", "F"),
    "FLAG_OWN_CAR": ("N", "Y"),
    "FLAG_OWN_REALTY": ("Y", "N"),
}
"""Categories whose codes callers have used since the first service of this kind."""


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
        return replace(
            self,
            matrix=np.ascontiguousarray(self.matrix[:, positions]),
            contract=self.contract.restricted_to(derivation.inputs),
            derivation=derivation,
        )


def encode(
    table: pa.Table,
    id: str,
    target: str,
    say: Say,
    group: str | None = None,
    ignored: Collection[str] = (),
) -> Dataset:
    """Builds the contract of a table with an id, a 0/1 target and features; encodes and derives.

    `group` names the column that tells persons apart; neither it nor the `ignored` columns are
    features. Columns that cannot be a feature are left out, each with a line to `say`. Raises
    NoFeatures if that leaves none.
    """
    table = table.sort_by(id)
    no_features = {id, target, group, *ignored}
    columns = {name: table[name] for name in table.column_names if name not in no_features}
    features = [feature for name in columns if (feature := _feature(name, columns[name], say))]
    if not features:
        raise NoFeatures
    used = {id, *(feature.name for feature in features)}
    unused = tuple(name for name in table.column_names if name not in used)
    contract = Contract(id, tuple(features), unused)
    series = {feature.name: columns[feature.name].to_pandas() for feature in features}
    ids, defaulted = table[id].to_numpy(), table[target].to_numpy().astype(np.int8)
    encoded = Encoder(contract).encode_columns(series, table.num_rows)
    # Fitted once, before the folds: what is usual in a group is learned without the outcomes.
    derivation = Derivation.fit(contract.columns, encoded)
    return Dataset(
        ids=ids,
        matrix=np.ascontiguousarray(derivation.apply(encoded)),
        defaulted=defaulted,
        contract=contract,
        derivation=derivation,
        digest=_digest(contract, ids, encoded, defaulted),
        persons=None if group is None else persons(table[group]),
    )


def persons(values: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """A whole number for each row, equal for equal values; one of its own for a missing value."""
    codes = pc.dictionary_encode(values).combine_chunks()
    numbers: npt.NDArray[np.int64] = (
        codes.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    alone = np.flatnonzero(numbers < 0)
    numbers[alone] = len(codes.dictionary) + np.arange(len(alone))
    return numbers


def _digest(
    contract: Contract, ids: npt.NDArray[Any], encoded: Matrix, defaulted: npt.NDArray[np.int8]
) -> str:
    digest = hashlib.sha256(contract.to_json().encode())
    digest.update("\n".join(map(str, ids.tolist())).encode())
    for column in encoded.T:
        digest.update(column.tobytes())
    digest.update(defaulted.tobytes())
    return digest.hexdigest()[:32]


def _feature(name: str, values: pa.ChunkedArray, say: Say) -> Feature | None:
    """What the contract says of one column, or None for a column that is no feature."""
    kind = values.type
    if values.null_count == len(values):
        say(f"column {name} is left out: it is empty")
        return None
    if pa.types.is_boolean(kind):
        return Feature(name, "category", ("false", "true"), _missing(values))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Feature(name, "number", seen=numbers_seen(values), **bounds(name))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return _category(name, values, say)
    say(f"column {name} is left out: {kind} is neither a number nor text")
    return None


def _category(name: str, values: pa.ChunkedArray, say: Say) -> Feature | None:
    texts = values.cast(pa.string())
    unknown = pa.array(sorted(UNKNOWN_CATEGORIES.get(name, ())), pa.string())
    texts = pc.if_else(pc.is_in(texts, unknown), None, texts)
    distinct = sorted(pc.drop_null(pc.unique(texts)).to_pylist())
    if not distinct:
        say(f"column {name} is left out: it is empty")
        return None
    if name in FIXED_CATEGORIES:
        return Feature(name, "category", FIXED_CATEGORIES[name], _missing(texts))
    if len(distinct) > MAX_CATEGORIES:
        say(f"column {name} is left out: {len(distinct)} different texts are no category")
        return None
    return Feature(name, "category", tuple(distinct), _missing(texts))


def numbers_seen(values: pa.ChunkedArray) -> dict[str, float]:
    """What the contract tells of a column of numbers."""
    numbers: Vector = values.cast(pa.float64(), safe=False).drop_null().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return _missing(values)
    return {
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "mean": float(numbers.mean()),
        "median": float(np.median(numbers)),
        **_missing(values),
    }


def _missing(values: pa.ChunkedArray) -> dict[str, float]:
    return {"missing": values.null_count / len(values)}
