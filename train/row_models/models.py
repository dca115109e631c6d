"""The models of rows: fitted, kept as text, and applied to the history of any clients."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from train.fitting.folds import Outcomes, Rows
from train.row_models.declared import TABLES, RowTable
from train.row_models.encoded import Column, Encoded, by_client, encode
from train.row_models.history import History

FILE = "row_models.json"
ROUNDS = 100
OPTIONS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 24,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "path_smooth": 20.0,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
}
"""Few trees, and none stopped early: a row says little of its client, and of many rows the model
is to learn what they have in common."""


@dataclass(frozen=True)
class RowModel:
    """Trees over the `columns` of the rows of a table, in LightGBM's text format.

    The text is empty where there were no rows to learn from: every score is then missing.
    """

    table: RowTable
    columns: tuple[Column, ...]
    text: str

    @classmethod
    def fit(cls, rows: Encoded, some: Rows, defaulted: Outcomes, seed: int, threads: int) -> Self:
        """Learns from the rows at the places `some`; `defaulted` has the outcome of each row."""
        if not len(some):
            return cls(rows.table, rows.columns, "")
        categories = [n for n, column in enumerate(rows.columns) if column.categories is not None]
        options = OPTIONS | {
            "min_data_in_leaf": max(5, min(300, len(some) // 100)),
            "seed": seed,
            "num_threads": min(threads, 1 + len(some) // 10_000),
        }
        learned = lgb.Dataset(
            rows.matrix[some], defaulted, categorical_feature=categories, params=options
        )
        trees = lgb.train(options, learned, ROUNDS)
        return cls(rows.table, rows.columns, trees.model_to_string())

    def scores(self, matrix: npt.NDArray[np.float32], threads: int) -> Vector:
        """The probability that the client of each row defaults, shape (rows,)."""
        if not self.text or not len(matrix):
            return np.full(len(matrix), np.nan)
        found: Vector = self._booster.predict(matrix, num_threads=threads)
        return found

    @cached_property
    def _booster(self) -> Any:
        """Read from the text even where it was fitted: what is kept is what scores."""
        return lgb.Booster(model_str=self.text)


@dataclass(frozen=True)
class RowModels:
    """What makes row scores a client's columns."""

    models: tuple[RowModel, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a client, four of each model."""
        return tuple(column for model in self.models for column in model.table.columns)

    def restricted_to(self, columns: Collection[str]) -> Self | None:
        """Those that any of `columns` is made by; None for none."""
        needed = tuple(m for m in self.models if not set(columns).isdisjoint(m.table.columns))
        return type(self)(needed) if needed else None

    def of(self, history: History, ids: npt.NDArray[Any], threads: int) -> Matrix:
        """(ids, columns), missing for clients without rows and where a table is not there.

        Raises UnreadableTable.
        """
        found = [np.empty((len(ids), 0))]
        for model in self.models:
            matrix = np.full((len(ids), len(model.table.columns)), np.nan)
            if model.table.name in history.tables:
                rows = encode(model.table, model.columns, history.read(model.table, ids))
                scores = model.scores(rows.matrix, threads)
                matrix = by_client(scores, rows.client, len(ids))
            found.append(matrix)
        return np.hstack(found)

    def to_json(self) -> str:
        """Readable: the trees line by line. `from_json` reads it back equal."""
        raw = [
            {
                "table": model.table.name,
                "columns": {column.name: column.categories for column in model.columns},
                "trees": model.text.split("\n"),
            }
            for model in self.models
        ]
        return json.dumps(raw, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError, TypeError or AttributeError if `text` holds none."""
        tables = {table.name: table for table in TABLES}
        return cls(
            tuple(
                RowModel(
                    tables[raw["table"]],
                    tuple(
                        Column(name, None if listed is None else tuple(listed))
                        for name, listed in raw["columns"].items()
                    ),
                    "\n".join(raw["trees"]),
                )
                for raw in json.loads(text)
            )
        )
