"""Programs: formulas as few numpy calls, each of which computes many formulas of one kind.

For one client a numpy call costs a microsecond whatever it does, so that the number of calls is
what counts; for many clients they run block by block in the processor's cache.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from scoring_model.derive.formula import STATISTICS, Stack, finite, statistics

BLOCK = 256
"""Clients computed at a time."""

Registers = Stack
"""Inputs, constants and everything computed, a row of each: (registers, clients)."""

Positions = npt.NDArray[np.intp]
"""Numbers of registers."""


Column = tuple[float | None, ...]
"""A value for each group, None where it is missing."""


@dataclass(frozen=True)
class GroupTable:
    """Statistics by group: `columns` names them, `values` has a column of each.

    `key` is the formula of a client's group, `keys` are the groups in ascending order.
    """

    key: str
    columns: tuple[str, ...]
    keys: tuple[float, ...]
    values: tuple[Column, ...]

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError if `raw` is not a table of groups."""
        values = tuple(map(tuple, raw["values"]))
        table = cls(raw["key"], tuple(raw["columns"]), tuple(raw["keys"]), values)
        if table._table.shape != (len(table.columns), len(table.keys) + 1):
            raise ValueError("a table of groups lacks values")
        return table

    def restricted_to(self, columns: frozenset[str]) -> Self:
        """The same groups with fewer columns."""
        kept = [position for position, name in enumerate(self.columns) if name in columns]
        return type(self)(
            self.key,
            tuple(self.columns[position] for position in kept),
            self.keys,
            tuple(self.values[position] for position in kept),
        )

    def lookup(self, keys: Vector, out: Stack) -> None:
        """Fills `out`, of shape (columns, clients), for the groups of clients, shape (clients,).

        Missing for a missing key and a group that is not in the table.
        """
        position = self._sorted.searchsorted(keys)
        position[self._bounded.take(position) != keys] = len(self.keys)
        self._table.take(position, axis=1, out=out, mode="clip")

    @cached_property
    def _sorted(self) -> Vector:
        return np.array(self.keys, dtype=np.float64)

    @cached_property
    def _bounded(self) -> Vector:
        """The keys and a NaN, which equals no key, where the search for a greater key ends."""
        return np.append(self._sorted, np.nan)

    @cached_property
    def _table(self) -> Matrix:
        """The values, with a last column for clients without a group."""
        return np.array([(*column, None) for column in self.values], dtype=np.float64)


@dataclass(frozen=True)
class Rule:
    """Values of `column` from `low` to `high`, both included, are wrong.

    They become `instead`, or missing where that is None.
    """

    column: str
    low: float
    high: float
    why: str
    instead: float | None = None


class Step(Protocol):
    """Reads some registers and writes others."""

    def run(self, registers: Registers) -> None: ...


@dataclass(frozen=True)
class Clean:
    """All cleaning rules, applied to the inputs."""

    columns: Positions
    low: Matrix
    high: Matrix
    instead: Matrix

    @classmethod
    def from_rules(cls, rules: Sequence[Rule], inputs: Sequence[str]) -> "Clean":
        """The rules for columns among `inputs`."""
        return cls(
            np.array([inputs.index(rule.column) for rule in rules], dtype=np.intp),
            np.array([[rule.low] for rule in rules]),
            np.array([[rule.high] for rule in rules]),
            np.array([[rule.instead] for rule in rules], dtype=np.float64),  # None is NaN
        )

    def run(self, registers: Registers) -> None:
        values = registers.take(self.columns, axis=0)
        wrong = (values >= self.low) & (values <= self.high)
        np.copyto(values, self.instead, where=wrong)
        registers[self.columns] = values


@dataclass(frozen=True)
class Elementwise:
    """One function of several formulas: `operands` is (arguments, formulas)."""

    function: Callable[..., Any]
    operands: Positions
    out: slice

    def run(self, registers: Registers) -> None:
        self.function(*registers.take(self.operands, axis=0), out=registers[self.out])


@dataclass(frozen=True)
class Count:
    """One function of many inputs."""

    function: Callable[[Stack], Stack]
    operands: Positions
    out: int

    def run(self, registers: Registers) -> None:
        registers[self.out] = self.function(registers.take(self.operands, axis=0))


@dataclass(frozen=True)
class Statistics:
    """All statistics of several sets of inputs: `operands` is (inputs, sets)."""

    operands: Positions
    out: slice

    def run(self, registers: Registers) -> None:
        values = registers.take(self.operands, axis=0)
        statistics(values, registers[self.out].reshape(len(STATISTICS), *values.shape[1:]))

    def register(self, statistic: str, number: int) -> int:
        """The register of a statistic of a set."""
        sets = int(self.operands.shape[1])
        return int(self.out.start) + STATISTICS.index(statistic) * sets + number


@dataclass(frozen=True)
class Lookup:
    """All columns of a table for the groups in one register."""

    table: GroupTable
    key: int
    out: slice

    def run(self, registers: Registers) -> None:
        self.table.lookup(registers[self.key], registers[self.out])


@dataclass(frozen=True)
class Program:
    """Steps over registers. The first registers are `inputs`, then `constants`, shape (n, 1)."""

    inputs: int
    constants: Matrix
    steps: tuple[Step, ...]
    size: int
    outputs: Positions

    def run(self, matrix: Matrix) -> Matrix:
        """(clients, inputs) to (clients, outputs), C-ordered; infinite values are NaN."""
        out = np.empty((len(matrix), len(self.outputs)))
        registers = np.empty((self.size, min(len(matrix), BLOCK)))
        with np.errstate(all="ignore"):
            for start in range(0, len(matrix), BLOCK):
                block = matrix[start : start + BLOCK]
                self._run(block, registers[:, : len(block)], out[start : start + BLOCK])
        return out

    def _run(self, block: Matrix, registers: Registers, out: Matrix) -> None:
        registers[: self.inputs] = block.T
        computed = self.inputs + len(self.constants)
        registers[self.inputs : computed] = self.constants
        for step in self.steps:
            step.run(registers)
        registers[computed:] = finite(registers[computed:])
        out[:] = registers.take(self.outputs, axis=0).T
