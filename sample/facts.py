"""What is known of each published column, read from facts.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TABLES = (
    "application_train",
    "application_test",
    "bureau",
    "bureau_balance",
    "previous_application",
    "POS_CASH_balance",
    "installments_payments",
    "credit_card_balance",
)


@dataclass(frozen=True)
class Column:
    """One column's published statistics.

    `knots` is (2, n): probabilities and the quantiles at them, linear in between. `values` is
    (2, n): a discrete column's values and their shares. `shares` are the categories' shares among
    the filled rows, and `default_rates` the share of defaulters where a category (or value) is met.
    `distinct` is the number of different values where that is small enough to matter, and `whole`
    says that all values are whole numbers.
    """

    name: str
    type: str
    missing: float
    missing_test: float
    mean: float | None = None
    std: float = 1.0
    quartiles: tuple[float, float, float] | None = None
    knots: NDArray[np.float64] | None = None
    values: NDArray[np.float64] | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    default_rates: Mapping[str, float] = field(default_factory=dict)
    id_range: tuple[int, int] | None = None
    distinct: int | None = None
    whole: bool = False

    @property
    def arrow_type(self) -> pa.DataType:
        """The type that the column has in Parquet."""
        return pa.type_for_alias(self.type)

    @classmethod
    def parse(cls, name: str, raw: Mapping[str, Any]) -> "Column":
        """The column that one entry of facts.json states."""
        missing = raw.get("missing", 0.0)
        return cls(
            name=name,
            type=raw["type"],
            missing=missing,
            missing_test=raw.get("missing_test", missing),
            mean=raw.get("mean"),
            std=raw.get("std", 1.0),
            quartiles=raw.get("quartiles"),
            knots=_pairs(raw.get("quantiles")),
            values=_pairs(raw.get("values")),
            shares=raw.get("categories", {}),
            default_rates=raw.get("default_rates", {}),
            id_range=raw.get("range"),
            distinct=raw.get("distinct"),
            whole=raw.get("whole", False),
        )


@dataclass(frozen=True)
class Table:
    """One table: its rows at scale 1 and its columns in the published order."""

    name: str
    rows: int
    columns: Mapping[str, Column]

    @property
    def schema(self) -> pa.Schema:
        """Column names and types as written."""
        return pa.schema([(c.name, c.arrow_type) for c in self.columns.values()])


@dataclass(frozen=True)
class Facts:
    """Everything in facts.json.

    `coverage` is the share of clients with any row in a table, `rows_per_client` the number of rows
    of those that have some; `raw` is the rest as it
    stands.
    """

    tables: Mapping[str, Table]
    coverage: Mapping[str, float]
    rows_per_client: Mapping[str, Column]
    raw: Mapping[str, Any]

    def ids(self, table: str, key: str) -> tuple[int, int]:
        """First and last published id of a key."""
        id_range = self.tables[table].columns[key].id_range
        assert id_range is not None
        return id_range


@cache
def load() -> Facts:
    """Facts of all eight files; application_test is application_train without TARGET."""
    raw = json.loads(files(__package__).joinpath("facts.json").read_text(encoding="utf-8"))
    tables = {name: _table(name, entry) for name, entry in raw.pop("tables").items()}
    train = tables["application_train"]
    columns = {name: column for name, column in train.columns.items() if name != "TARGET"}
    tables["application_test"] = Table("application_test", raw["test_rows"], columns)
    rows = {k: Column.parse(k, v) for k, v in raw["rows_per_client"].items()}
    return Facts({name: tables[name] for name in TABLES}, raw["coverage"], rows, raw)


def _table(name: str, entry: Mapping[str, Any]) -> Table:
    columns = {key: Column.parse(key, value) for key, value in entry["columns"].items()}
    return Table(name, entry["rows"], columns)


def _pairs(pairs: list[list[float]] | None) -> NDArray[np.float64] | None:
    return None if pairs is None else np.array(pairs, dtype=np.float64).T
