"""Which columns the model has, and how they are computed from those that a caller sends."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from scoring_model.contract import Matrix
from scoring_model.derive.compiler import compiled
from scoring_model.derive.formula import names
from scoring_model.derive.program import GroupTable, Program, Rule


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
