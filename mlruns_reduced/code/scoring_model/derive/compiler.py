"""From formulas to a program: resolves names, computes common subexpressions once, and combines
formulas of one kind into one step."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from scoring_model.contract import MISSING
from scoring_model.derive import program
from scoring_model.derive.formula import COUNTS, ELEMENTWISE, STATISTICS, Operation, parse
from scoring_model.derive.program import GroupTable, Rule


class _Lookup(NamedTuple):
    """A column of a table, for the group in `key`."""

    table: int
    column: int
    key: "_Node"


_Computed = Operation | _Lookup
_Node = str | float | _Computed
"""An expression in which every name is an input."""


def compiled(
    inputs: Sequence[str],
    columns: Sequence[str],
    rules: Sequence[Rule],
    formulas: Mapping[str, str],
    tables: Sequence[GroupTable],
) -> program.Program:
    """The program that computes `columns`: inputs, formulas, columns of tables.

    Among columns a name is an input before it is a formula, within formulas the other way round.
    Raises ValueError for an unknown name, or text that is not a formula.
    """
    names = _Names(frozenset(inputs), formulas, tables)
    nodes = [column if column in names.inputs else names.node(column) for column in columns]
    layout = _Layout(tables)
    layout.assign(inputs)
    needed: dict[_Node, None] = {}
    for node in nodes:
        _collect(node, needed)
    constants = [node for node in needed if isinstance(node, float)]
    layout.assign(constants)
    layout.missing = layout.assign([MISSING]).start
    layout.schedule([node for node in needed if isinstance(node, _Computed)])
    cleaning = [program.Clean.from_rules(rules, inputs)] if rules else []
    return program.Program(
        inputs=len(inputs),
        constants=np.array([*constants, MISSING]).reshape(-1, 1),
        steps=(*cleaning, *layout.steps),
        size=layout.size,
        outputs=np.array([layout.registers[node] for node in nodes], dtype=np.intp),
    )


@dataclass(frozen=True)
class _Names:
    """Resolves names to inputs, formulas and columns of tables."""

    inputs: frozenset[str]
    formulas: Mapping[str, str]
    tables: Sequence[GroupTable]

    def node(self, name: str) -> _Node:
        if name in self.formulas:
            return self._resolved(parse(self.formulas[name]))
        for number, table in enumerate(self.tables):
            if name in table.columns:
                key = self._resolved(parse(table.key))
                return _Lookup(number, table.columns.index(name), key)
        if name in self.inputs:
            return name
        raise ValueError(f"{name} is neither an input nor a formula")

    def _resolved(self, expression: str | float | Operation) -> _Node:
        if isinstance(expression, str):
            return self.node(expression)
        if isinstance(expression, Operation):
            arguments = tuple(self._resolved(argument) for argument in expression.arguments)
            return Operation(expression.name, arguments)  # type: ignore[arg-type]
        return expression


def _collect(node: _Node, into: dict[_Node, None]) -> None:
    """Adds a node after its arguments, recursively."""
    if node in into:
        return
    for argument in _arguments(node):
        _collect(argument, into)
    into[node] = None


def _arguments(node: _Node) -> tuple[_Node, ...]:
    if isinstance(node, Operation):
        return node.arguments
    return (node.key,) if isinstance(node, _Lookup) else ()


@dataclass
class _Layout:
    """Gives every node a register, and orders the steps that fill them."""

    tables: Sequence[GroupTable]
    registers: dict[_Node, int] = field(default_factory=dict)
    steps: list[program.Step] = field(default_factory=list)
    size: int = 0
    missing: int = 0

    def assign(self, nodes: Sequence[_Node]) -> slice:
        """The next registers, one a node."""
        start = self._reserve(len(nodes)).start
        self.registers |= {node: start + number for number, node in enumerate(nodes)}
        return slice(start, self.size)

    def _reserve(self, count: int) -> slice:
        self.size += count
        return slice(self.size - count, self.size)

    def schedule(self, nodes: Sequence[_Computed]) -> None:
        """Emits repeatedly all nodes of one kind that can be computed.

        Preferred is a kind of which no node then remains, else the one with most nodes.
        """
        pending = list(nodes)
        while pending:
            ready: dict[Hashable, list[_Computed]] = {}
            waiting: set[Hashable] = set()
            for node in pending:
                if all(argument in self.registers for argument in _arguments(node)):
                    ready.setdefault(_kind(node), []).append(node)
                else:
                    waiting.add(_kind(node))
            kind = max(ready, key=lambda kind: (kind not in waiting, len(ready[kind])))
            self._emit(ready[kind])
            pending = [node for node in pending if node not in self.registers]

    def _emit(self, nodes: list[_Computed]) -> None:
        lookups = [node for node in nodes if isinstance(node, _Lookup)]
        if lookups:
            return self._emit_lookup(lookups)
        operations = [node for node in nodes if isinstance(node, Operation)]
        name = operations[0].name
        if name in STATISTICS:
            return self._emit_statistics(operations)
        operands = np.array([[self.registers[a] for a in node.arguments] for node in operations])
        out = self.assign(operations)
        if name in COUNTS:
            self.steps.append(program.Count(COUNTS[name], operands[0], out.start))
        else:
            self.steps.append(program.Elementwise(ELEMENTWISE[name], operands.T.copy(), out))
        return None

    def _emit_lookup(self, nodes: list[_Lookup]) -> None:
        table = self.tables[nodes[0].table]
        out = self._reserve(len(table.columns))
        self.steps.append(program.Lookup(table, self.registers[nodes[0].key], out))
        self.registers |= {node: out.start + node.column for node in nodes}

    def _emit_statistics(self, nodes: list[Operation]) -> None:
        """Sets of inputs are padded to one length with missing values, which do not count."""
        sets = list(dict.fromkeys(node.arguments for node in nodes))
        longest = max(map(len, sets))
        operands = [
            [*(self.registers[a] for a in arguments), *[self.missing] * (longest - len(arguments))]
            for arguments in sets
        ]
        out = self._reserve(len(STATISTICS) * len(sets))
        step = program.Statistics(np.array(operands).T.copy(), out)
        self.steps.append(step)
        self.registers |= {
            node: step.register(node.name, sets.index(node.arguments)) for node in nodes
        }


def _kind(node: _Computed) -> Hashable:
    """Nodes of one kind are computed in one step."""
    if isinstance(node, _Lookup):
        return node.table
    if node.name in COUNTS:
        return node
    return "statistics" if node.name in STATISTICS else node.name
