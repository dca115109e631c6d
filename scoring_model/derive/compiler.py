"""From formulas to a program: names resolved, what is shared computed once, calls kept few."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from scoring_model.derive import program
from scoring_model.derive.cleaning import Rule
from scoring_model.derive.formula import Operation, parse
from scoring_model.derive.groups import GroupTable
from scoring_model.derive.neighbours import Neighbours
from scoring_model.derive.operations import COUNTS, ELEMENTWISE, STATISTICS


class _Lookup(NamedTuple):
    """A column of a table, for the group in `key`."""

    table: int
    column: int
    key: "_Node"


class _Near(NamedTuple):
    """The share of defaults among the neighbours by these values."""

    arguments: "tuple[_Node, ...]"


_Computed = Operation | _Lookup | _Near
_Node = str | float | _Computed
"""An expression in which every name is an input."""


def compiled(
    inputs: Sequence[str],
    columns: Sequence[str],
    rules: Sequence[Rule],
    formulas: Mapping[str, str],
    tables: Sequence[GroupTable],
    neighbours: Neighbours | None = None,
) -> program.Program:
    """The program that computes `columns`: inputs, formulas, columns of tables, neighbours.

    Among columns a name is an input before it is a formula, within formulas the other way round.
    Raises ValueError for a name that is nothing, or a formula that is none.
    """
    names = _Names(frozenset(inputs), formulas, tables, neighbours)
    nodes = [column if column in names.inputs else names.node(column) for column in columns]
    layout = _Layout(tables, neighbours)
    layout.place_all(inputs)
    needed: dict[_Node, None] = {}
    for node in nodes:
        _collect(node, needed)
    constants = [node for node in needed if isinstance(node, float)]
    layout.place_all(constants)
    layout.place_nothing()
    layout.schedule([node for node in needed if isinstance(node, _Computed)])
    cleaning = [program.Clean.by(rules, inputs)] if rules else []
    return program.Program(
        inputs=len(inputs),
        constants=np.array([*constants, np.nan]).reshape(-1, 1),
        steps=(*cleaning, *layout.steps),
        size=layout.size,
        outputs=np.array([layout.places[node] for node in nodes], dtype=np.intp),
    )


@dataclass(frozen=True)
class _Names:
    """What names mean."""

    inputs: frozenset[str]
    formulas: Mapping[str, str]
    tables: Sequence[GroupTable]
    neighbours: Neighbours | None

    def node(self, name: str) -> _Node:
        if name in self.formulas:
            return self._resolved(parse(self.formulas[name]))
        for number, table in enumerate(self.tables):
            if name in table.columns:
                key = self._resolved(parse(table.key))
                return _Lookup(number, table.columns.index(name), key)
        if self.neighbours and name == self.neighbours.column:
            return _Near(tuple(map(self.node, self.neighbours.of)))
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
    """Adds a node after everything that it is made of."""
    if node in into:
        return
    for argument in _arguments(node):
        _collect(argument, into)
    into[node] = None


def _arguments(node: _Node) -> tuple[_Node, ...]:
    if isinstance(node, Operation | _Near):
        return node.arguments
    return (node.key,) if isinstance(node, _Lookup) else ()


@dataclass
class _Layout:
    """Gives every node a register, and orders the steps that fill them."""

    tables: Sequence[GroupTable]
    neighbours: Neighbours | None
    places: dict[_Node, int] = field(default_factory=dict)
    steps: list[program.Step] = field(default_factory=list)
    size: int = 0
    nothing: int = 0

    def place_nothing(self) -> None:
        """The next register is for a constant that is missing."""
        self.nothing = self._reserve(1).start

    def place_all(self, nodes: Sequence[_Node]) -> slice:
        """The next registers, one a node."""
        start = self._reserve(len(nodes)).start
        self.places |= {node: start + number for number, node in enumerate(nodes)}
        return slice(start, self.size)

    def _reserve(self, count: int) -> slice:
        self.size += count
        return slice(self.size - count, self.size)

    def schedule(self, nodes: Sequence[_Computed]) -> None:
        """Emits, time and again, all nodes of one kind that can be computed.

        Best is a kind of which nothing then remains, else the one with most to compute.
        """
        pending = list(nodes)
        while pending:
            ready: dict[Hashable, list[_Computed]] = {}
            waiting: set[Hashable] = set()
            for node in pending:
                if all(argument in self.places for argument in _arguments(node)):
                    ready.setdefault(_kind(node), []).append(node)
                else:
                    waiting.add(_kind(node))
            kind = max(ready, key=lambda kind: (kind not in waiting, len(ready[kind])))
            self._emit(ready[kind])
            pending = [node for node in pending if node not in self.places]

    def _emit(self, nodes: list[_Computed]) -> None:
        if isinstance(near := nodes[0], _Near) and self.neighbours:
            operands = np.array([self.places[argument] for argument in near.arguments])
            out = self.place_all(nodes).start
            self.steps.append(program.Nearest(self.neighbours, operands, out))
            return None
        lookups = [node for node in nodes if isinstance(node, _Lookup)]
        if lookups:
            return self._emit_lookup(lookups)
        operations = [node for node in nodes if isinstance(node, Operation)]
        name = operations[0].name
        if name in STATISTICS:
            return self._emit_statistics(operations)
        operands = np.array([[self.places[a] for a in node.arguments] for node in operations])
        out = self.place_all(operations)
        if name in COUNTS:
            self.steps.append(program.Count(COUNTS[name], operands[0], out.start))
        else:
            step = program.Elementwise(ELEMENTWISE[name], operands.T.copy(), out)
            self.steps.append(step)
        return None

    def _emit_lookup(self, nodes: list[_Lookup]) -> None:
        table = self.tables[nodes[0].table]
        out = self._reserve(len(table.columns))
        self.steps.append(program.Lookup(table, self.places[nodes[0].key], out))
        self.places |= {node: out.start + node.column for node in nodes}

    def _emit_statistics(self, nodes: list[Operation]) -> None:
        """Sets of inputs are made equally long with missing values, which do not count."""
        sets = list(dict.fromkeys(node.arguments for node in nodes))
        longest = max(map(len, sets))
        operands = [
            [*(self.places[a] for a in arguments), *[self.nothing] * (longest - len(arguments))]
            for arguments in sets
        ]
        out = self._reserve(len(STATISTICS) * len(sets))
        step = program.Statistics(np.array(operands).T.copy(), out)
        self.steps.append(step)
        self.places |= {node: step.place(node.name, sets.index(node.arguments)) for node in nodes}


def _kind(node: _Computed) -> Hashable:
    """Nodes of one kind are computed in one step."""
    if isinstance(node, _Near):
        return "neighbours"
    if isinstance(node, _Lookup):
        return node.table
    if node.name in COUNTS:
        return node
    return "statistics" if node.name in STATISTICS else node.name
