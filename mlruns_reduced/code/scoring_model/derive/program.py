"""Formulas made into few numpy calls: all of one kind that can be computed are computed at once.

For one client a numpy call costs a microsecond whatever it does, so that the number of calls is
what counts; for many clients they run block by block in the processor's cache.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix
from scoring_model.derive.cleaning import Rule
from scoring_model.derive.groups import GroupTable
from scoring_model.derive.neighbours import Neighbours
from scoring_model.derive.operations import STATISTICS, Stack, finite, statistics

BLOCK = 256
"""Clients computed at a time."""

Registers = Stack
"""Inputs, constants and everything computed, a row of each: (registers, clients)."""

Places = npt.NDArray[np.intp]
"""Numbers of registers."""


class Step(Protocol):
    """Reads some registers and writes others."""

    def run(self, registers: Registers) -> None: ...


@dataclass(frozen=True)
class Clean:
    """All cleaning rules, on the inputs as they stand."""

    columns: Places
    low: Matrix
    high: Matrix
    instead: Matrix

    @classmethod
    def by(cls, rules: Sequence[Rule], inputs: Sequence[str]) -> "Clean":
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
    operands: Places
    out: slice

    def run(self, registers: Registers) -> None:
        self.function(*registers.take(self.operands, axis=0), out=registers[self.out])


@dataclass(frozen=True)
class Count:
    """One function of many inputs."""

    function: Callable[[Stack], Stack]
    operands: Places
    out: int

    def run(self, registers: Registers) -> None:
        registers[self.out] = self.function(registers.take(self.operands, axis=0))


@dataclass(frozen=True)
class Statistics:
    """All statistics of several sets of inputs: `operands` is (inputs, sets)."""

    operands: Places
    out: slice

    def run(self, registers: Registers) -> None:
        values = registers.take(self.operands, axis=0)
        statistics(values, registers[self.out].reshape(len(STATISTICS), *values.shape[1:]))

    def place(self, statistic: str, number: int) -> int:
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
class Nearest:
    """The share of defaults among neighbours by the values in some registers."""

    neighbours: Neighbours
    operands: Places
    out: int

    def run(self, registers: Registers) -> None:
        registers[self.out] = self.neighbours.rate(registers.take(self.operands, axis=0))


@dataclass(frozen=True)
class Program:
    """Steps over registers. The first registers are `inputs`, then `constants`, shape (n, 1)."""

    inputs: int
    constants: Matrix
    steps: tuple[Step, ...]
    size: int
    outputs: Places

    def run(self, matrix: Matrix) -> Matrix:
        """(clients, inputs) to (clients, outputs), C-ordered; what is no finite number is NaN."""
        out = np.empty((len(matrix), len(self.outputs)))
        registers = np.empty((self.size, min(len(matrix), BLOCK)))
        with np.errstate(all="ignore"):
            for start in range(0, len(matrix), BLOCK):
                block = matrix[start : start + BLOCK]
                self._run(block, registers[:, : len(block)], out[start : start + BLOCK])
        return out

    def _run(self, block: Matrix, registers: Registers, out: Matrix) -> None:
        registers[: self.inputs] = block.T
        made = self.inputs + len(self.constants)
        registers[self.inputs : made] = self.constants
        for step in self.steps:
            step.run(registers)
        registers[made:] = finite(registers[made:])
        out[:] = registers.take(self.outputs, axis=0).T
