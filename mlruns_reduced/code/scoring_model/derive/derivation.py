"""Which columns the model has, and how they are computed from those that a caller sends."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from scoring_model.contract import Matrix, Vector
from scoring_model.derive import home_credit
from scoring_model.derive.compiler import compiled
from scoring_model.derive.formula import names
from scoring_model.derive.home_credit import Grouping, Rule
from scoring_model.derive.program import GroupTable, Program

MIN_CLIENTS = 10
"""A statistic of fewer clients than this is missing: it would describe them, not their group."""


@dataclass(frozen=True)
class Derivation:
    """From the contract's columns, `inputs`, to the model's columns, `columns`.

    `columns` are inputs (cleaned by `rules`), formulas and columns of `tables`; formulas may use
    each other. Each client's row is computed from itself alone: the same to the bit whatever other
    rows there are. Data sets other than Home Credit have neither rules nor formulas: the model's
    columns are the inputs.
    """

    inputs: tuple[str, ...]
    columns: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    formulas: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[GroupTable, ...] = ()

    @classmethod
    def declared(cls, inputs: Sequence[str]) -> Self:
        """All features that can be computed from `inputs` without statistics of other clients.

        A feature with the name of an input is left out: the data set's own column stays.
        """
        computable = _computable(inputs)
        features = [name for name in home_credit.FEATURES if name in computable]
        return cls(
            tuple(inputs),
            (*inputs, *(name for name in features if name not in inputs)),
            tuple(rule for rule in home_credit.RULES if rule.column in inputs),
            {name: text for name, text in home_credit.FORMULAS.items() if name in computable},
        )

    @classmethod
    def fit(cls, inputs: Sequence[str], matrix: Matrix) -> Self:
        """`declared`, and the statistics of each client's groups.

        `matrix` holds the training clients, shape (clients, inputs), as the contract encodes them.
        """
        derivation = cls.declared(inputs)
        for grouping in home_credit.GROUPINGS:
            derivation = derivation._grouped(grouping, matrix)
        return derivation

    def _grouped(self, grouping: Grouping, matrix: Matrix) -> Self:
        computable = _computable(self.inputs)
        values = [name for name in home_credit.GROUPED if name in computable]
        if not values or not names(grouping.key) <= computable:
            return self
        key = f"{grouping.name}_KEY"
        grouped = replace(
            self, columns=(key, *values), formulas={**self.formulas, key: grouping.key}
        ).apply(matrix)
        by_name = {name: grouped[:, position] for position, name in enumerate(values, start=1)}
        table = fit_groups(grouping.name, grouping.key, grouped[:, 0], by_name)
        differences = {
            statistic_name(name, "MINUS_MEAN", grouping.name): (
                f"{name} - {statistic_name(name, 'MEAN', grouping.name)}"
            )
            for name in values
        }
        return replace(
            self,
            columns=(*self.columns, *table.columns, *differences),
            formulas={**self.formulas, **differences},
            tables=(*self.tables, table),
        )

    def apply(self, matrix: Matrix) -> Matrix:
        """(clients, inputs) to (clients, columns), float64; missing, never infinite, is NaN."""
        return matrix if self._identity else self.program.run(matrix)

    def restricted_to(self, columns: Collection[str]) -> Self:
        """The derivation of `columns` alone, in the present order, from as few inputs as needed.

        Every value stays the same. Raises ValueError for an unknown column.
        """
        if unknown := sorted(set(columns) - set(self.columns)):
            raise ValueError(f"{', '.join(unknown)}: no such column")
        kept = tuple(name for name in self.columns if name in set(columns))
        needed = self._needed(kept)
        tables = (table.restricted_to(needed) for table in self.tables)
        return replace(
            self,
            inputs=tuple(name for name in self.inputs if name in needed),
            columns=kept,
            rules=tuple(rule for rule in self.rules if rule.column in needed),
            formulas={name: text for name, text in self.formulas.items() if name in needed},
            tables=tuple(table for table in tables if table.columns),
        )

    def inputs_of(self, column: str) -> frozenset[str]:
        """Those of `inputs` from which one of `columns` is computed."""
        if column in self.inputs:
            return frozenset((column,))
        return self._needed([column]) & frozenset(self.inputs)

    def _needed(self, columns: Iterable[str]) -> frozenset[str]:
        """The columns and every formula, table column and input that they are computed from."""
        keys = {name: table.key for table in self.tables for name in table.columns}
        texts = keys | {**self.formulas}
        needed: set[str] = set()
        waiting = list(columns)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += names(texts[name]) if name in texts else ()
        return frozenset(needed)

    @cached_property
    def program(self) -> Program:
        """Raises ValueError if a column cannot be computed from the inputs."""
        return compiled(self.inputs, self.columns, self.rules, self.formulas, self.tables)

    @cached_property
    def _identity(self) -> bool:
        return self.columns == self.inputs and not self.rules

    def to_json(self) -> str:
        """The derivation as JSON; `from_json` reads it back equal."""
        parts = (f'"{name}": {_lines(value)}' for name, value in asdict(self).items())
        return "{\n" + ",\n".join(parts) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError if `text` is not a derivation that works."""
        raw = json.loads(text)
        derivation = cls(
            tuple(raw["inputs"]),
            tuple(raw["columns"]),
            tuple(Rule(**rule) for rule in raw["rules"]),
            dict(raw["formulas"]),
            tuple(map(GroupTable.from_dict, raw["tables"])),
        )
        _ = derivation.program
        return derivation


def _lines(value: Mapping[str, Any] | Iterable[Any]) -> str:
    """JSON with one entry a line, so that people can read formulas and tools can compare files."""
    if isinstance(value, Mapping):
        entries = [f" {_compact(name)}: {_compact(entry)}" for name, entry in value.items()]
        return "{\n" + ",\n".join(entries) + "\n}"
    return "[\n" + ",\n".join(f" {_compact(entry)}" for entry in value) + "\n]"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def fit_groups(name: str, key: str, keys: Vector, values: Mapping[str, Vector]) -> GroupTable:
    """Mean, median and standard deviation (n - 1) of each of `values`, by group.

    `keys` and each of `values` are of shape (clients,); the columns are named after the value, the
    statistic and the grouping's `name`. Groups with too few clients are left out.
    """
    known = np.flatnonzero(np.isfinite(keys))
    known = known[np.argsort(keys[known], kind="stable")]
    groups, starts = np.unique(keys[known], return_index=True)
    clients = [rows for rows in np.split(known, starts[1:]) if len(rows)]
    enough = [position for position, rows in enumerate(clients) if len(rows) >= MIN_CLIENTS]
    statistics = [
        [_group_statistics(of[clients[position]]) for position in enough] for of in values.values()
    ]
    return GroupTable(
        key,
        tuple(statistic_name(value, kind, name) for value in values for kind in KINDS),
        tuple(groups[enough].tolist()),
        tuple(
            tuple(statistic[kind] for statistic in of)
            for of in statistics
            for kind in range(len(KINDS))
        ),
    )


KINDS = ("MEAN", "MEDIAN", "STD")


def statistic_name(value: str, kind: str, grouping: str) -> str:
    """As in AMT_CREDIT_MEAN_BY_TERM."""
    return f"{value}_{kind}_BY_{grouping}"


def _group_statistics(values: Vector) -> tuple[float | None, ...]:
    known = values[np.isfinite(values)]
    if len(known) < MIN_CLIENTS:
        return (None,) * len(KINDS)
    return float(np.mean(known)), float(np.median(known)), float(np.std(known, ddof=1))


def _computable(inputs: Iterable[str]) -> set[str]:
    """The inputs and the formulas that can be computed from them."""
    computable = set(inputs) - home_credit.FORMULAS.keys()  # in a formula, formulas come first
    for name, text in home_credit.FORMULAS.items():  # each after those that it uses
        if names(text) <= computable:
            computable.add(name)
    return computable
