"""Which columns the model sees, and how they come from those that a caller sends."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from scoring_model.contract import Matrix
from scoring_model.derive import application, cleaning, groups
from scoring_model.derive.application import Grouping
from scoring_model.derive.cleaning import Rule
from scoring_model.derive.compiler import compiled
from scoring_model.derive.formula import names
from scoring_model.derive.groups import GroupTable
from scoring_model.derive.neighbours import COLUMN, OF, Neighbours
from scoring_model.derive.program import Program


@dataclass(frozen=True)
class Derivation:
    """From the contract's columns, `inputs`, to the model's columns, `columns`.

    `columns` are inputs (cleaned by `rules`), formulas, columns of `tables` and the share of
    defaults among `neighbours`; formulas may stand on each other. Each client's row is computed
    from itself alone: the same to the bit in any company. Other data sets than Home Credit have
    neither rules nor formulas: what is sent is what the model sees.
    """

    inputs: tuple[str, ...]
    columns: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    formulas: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[GroupTable, ...] = ()
    neighbours: Neighbours | None = None

    @classmethod
    def declared(cls, inputs: Sequence[str]) -> Self:
        """What can be made of `inputs` without having seen a client.

        A feature that bears the name of an input is left out: the data set's own column stays.
        """
        available = _Availability(inputs)
        features = [name for name in application.FEATURES if available.makes(name)]
        return cls(
            tuple(inputs),
            (*inputs, *(name for name in features if name not in inputs)),
            tuple(rule for rule in cleaning.RULES if rule.column in inputs),
            {name: text for name, text in application.FORMULAS.items() if available.makes(name)},
        )

    @classmethod
    def fit(cls, inputs: Sequence[str], matrix: Matrix) -> Self:
        """`declared`, and what is usual in each client's groups.

        `matrix` holds the training clients, shape (clients, inputs), as the contract encodes them.
        """
        derivation = cls.declared(inputs)
        for grouping in application.GROUPINGS:
            derivation = derivation._grouped(grouping, matrix)
        return derivation

    def _grouped(self, grouping: Grouping, matrix: Matrix) -> Self:
        available = _Availability(self.inputs)
        values = [name for name in application.GROUPED if available.makes(name)]
        if not values or not all(map(available.makes, names(grouping.key))):
            return self
        key = f"{grouping.name}_KEY"
        seen = replace(
            self, columns=(key, *values), formulas={**self.formulas, key: grouping.key}
        ).apply(matrix)
        fitted = {name: seen[:, place] for place, name in enumerate(values, start=1)}
        table = groups.fit(grouping.name, grouping.key, seen[:, 0], fitted)
        own = {
            groups.statistic_name(name, "MINUS_MEAN", grouping.name): (
                f"{name} - {groups.statistic_name(name, 'MEAN', grouping.name)}"
            )
            for name in values
        }
        return replace(
            self,
            columns=(*self.columns, *table.columns, *own),
            formulas={**self.formulas, **own},
            tables=(*self.tables, table),
        )

    @property
    def near(self) -> tuple[str, ...]:
        """What neighbours can be told by; empty where the inputs do not make it."""
        return OF if all(map(_Availability(self.inputs).makes, OF)) else ()

    def with_neighbours(self, neighbours: Neighbours) -> Self:
        """With one more column, the last."""
        return replace(self, columns=(*self.columns, COLUMN), neighbours=neighbours)

    def apply(self, matrix: Matrix) -> Matrix:
        """(clients, inputs) to (clients, columns), float64; missing, never infinite, is NaN."""
        return matrix if self._identity else self.program.run(matrix)

    def restricted_to(self, columns: Collection[str]) -> Self:
        """What computes `columns` alone, in this order of ours, from as few inputs as it takes.

        Every value stays the same. Raises ValueError for what is no column of ours.
        """
        if unknown := sorted(set(columns) - set(self.columns)):
            raise ValueError(f"{', '.join(unknown)}: no such column")
        kept = tuple(name for name in self.columns if name in set(columns))
        needed = self._behind(kept)
        tables = (table.restricted_to(needed) for table in self.tables)
        near = self.neighbours
        return replace(
            self,
            inputs=tuple(name for name in self.inputs if name in needed),
            columns=kept,
            rules=tuple(rule for rule in self.rules if rule.column in needed),
            formulas={name: text for name, text in self.formulas.items() if name in needed},
            tables=tuple(table for table in tables if table.columns),
            neighbours=near if near and near.column in needed else None,
        )

    def inputs_of(self, column: str) -> frozenset[str]:
        """Those of `inputs` that one of `columns` is made of."""
        if column in self.inputs:
            return frozenset((column,))
        return self._behind([column]) & frozenset(self.inputs)

    def _behind(self, columns: Iterable[str]) -> frozenset[str]:
        """The columns and every formula, table column and input that they are made of."""
        keys = {name: table.key for table in self.tables for name in table.columns}
        texts = keys | {**self.formulas}
        behind: set[str] = set()
        waiting = list(columns)
        while waiting:
            name = waiting.pop()
            if name not in behind:
                behind.add(name)
                waiting += names(texts[name]) if name in texts else ()
                if self.neighbours and name == self.neighbours.column:
                    waiting += self.neighbours.of
        return frozenset(behind)

    @cached_property
    def program(self) -> Program:
        """Raises ValueError if a column cannot be computed from the inputs."""
        whole = self.inputs, self.columns, self.rules, self.formulas, self.tables
        return compiled(*whole, self.neighbours)

    @cached_property
    def _identity(self) -> bool:
        return self.columns == self.inputs and not self.rules

    def to_json(self) -> str:
        """The derivation as JSON; `from_json` reads it back equal."""
        raw = asdict(self)
        if not self.neighbours:
            del raw["neighbours"]
        parts = (f'"{name}": {_lines(value)}' for name, value in raw.items())
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
            Neighbours.from_dict(raw["neighbours"]) if "neighbours" in raw else None,
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


class _Availability:
    """Which formulas can be made of the columns that there are."""

    def __init__(self, inputs: Iterable[str]) -> None:
        self._inputs = frozenset(inputs)

    def makes(self, name: str) -> bool:
        text = application.FORMULAS.get(name)
        if text is None:
            return name in self._inputs
        return all(map(self.makes, names(text)))
