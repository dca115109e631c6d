"""Reads the trees of a LightGBM model from `Booster.dump_model`, and cuts them into subtrees."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

ZERO = float(np.float32(1e-35))
"""LightGBM takes values from -ZERO to ZERO for 0 (kZeroThreshold in its meta.h)."""

BELOW_ZERO = math.nextafter(-ZERO, -math.inf)

INFINITE = 1e300
"""How the dump writes an infinite threshold (AvoidInf in LightGBM's common.h)."""

TABLE = 512
"""Largest table, in numbers, of a subtree of more than one leaf."""

LEAVES, COLUMNS = 31, 16
"""Most of a subtree: its leaves are bits of an int32; 2 to the columns is the size of its table."""

ITERATIONS = 100
"""Trees read at a time: as JSON they take more memory than the tables."""

Condition = tuple[npt.NDArray[np.bool_], int, int]
"""Bins of a column; leaves, as bits, that are ruled out by a value inside and outside of them."""

Leaf = tuple[float, dict[int, float]]
"""Its value, and by column the fraction of the training rows that stay on the path to the leaf at
the splits on that column.
"""


class UnsupportedModel(ValueError):
    """The kind or the size of the model does not allow tables."""


class Subtree(NamedTuple):
    """Some leaves of one tree; what decides between them, by column."""

    conditions: dict[int, list[Condition]]
    leaves: list[Leaf]


@dataclass(slots=True)
class _Test:
    """What a split does with the values of its column; `goes_left` has a bool for each bin."""

    kind: str
    threshold: float | str
    missing: str
    default_left: bool
    goes_left: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))


@dataclass(slots=True)
class _Node:
    """A split or, without children, a leaf. `splits` counts those of a small subtree by column."""

    rows: int
    value: float
    splits: dict[int, int] | None
    column: int = -1
    test: _Test | None = None
    children: "tuple[_Node, ...]" = ()


Tests = dict[int, dict[tuple[Any, ...], _Test]]


def read_subtrees(booster: Any) -> tuple[dict[int, list[float]], list[Subtree]]:
    """The edges of each column's bins, and all subtrees. A bin goes from one edge, excluded, to
    the next, included; the last but one has no upper edge; the last holds NaN.

    Raises UnsupportedModel if there are several trees per iteration or no split, or if a path is
    too long.
    """
    if booster.num_model_per_iteration() != 1:
        raise UnsupportedModel("several trees per iteration")
    end = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
    tests: Tests = {}
    roots = []
    try:
        for start in range(0, end, ITERATIONS):
            model = booster.dump_model(min(ITERATIONS, end - start), start)
            roots += [_read(tree["tree_structure"], tests) for tree in model["tree_info"]]
    except RecursionError as error:
        raise UnsupportedModel("trees are too deep") from error
    if not tests:
        raise UnsupportedModel("no tree has a split")
    edges = {}
    for column, of_column in tests.items():
        ranges = [[*_ranges(test)] for test in of_column.values()]
        ends = {end for each in ranges for low, high, _ in each for end in (low, high)}
        edges[column] = sorted(ends - {-math.inf})
        for test, each in zip(of_column.values(), ranges, strict=True):
            test.goes_left = _goes_left(test, each, edges[column])
    return edges, [subtree for root in roots for subtree in _cut(root, {}, {})]


def _read(node: dict[str, Any], tests: Tests) -> _Node:
    if "leaf_const" in node:
        raise UnsupportedModel("linear trees")
    if "split_feature" not in node:
        return _Node(node.get("leaf_count", 1), node["leaf_value"], {})
    column, threshold = node["split_feature"], node["threshold"]
    key = node["decision_type"], threshold, node["missing_type"], node["default_left"]
    of_column = tests.setdefault(column, {})
    test = of_column.get(key)
    if test is None:
        test = of_column[key] = _Test(*key)
    left, right = _read(node["left_child"], tests), _read(node["right_child"], tests)
    splits = None
    if left.splits is not None and right.splits is not None:
        splits = left.splits | {column: left.splits.get(column, 0) + 1}
        for other, number in right.splits.items():
            splits[other] = splits.get(other, 0) + number
        if len(splits) * math.prod([number + 1 for number in splits.values()]) > TABLE:
            splits = None
    return _Node(node["internal_count"], 0.0, splits, column, test, (left, right))


def _is_small(splits: dict[int, int], path: dict[int, list[Condition]]) -> bool:
    """Whether the table is expected to have at most `TABLE` numbers."""
    columns = splits.keys() | path.keys()
    states = math.prod([1 + splits.get(column, 0) + (column in path) for column in columns])
    return sum(splits.values()) < LEAVES and states * len(columns) <= TABLE


def _ranges(test: _Test) -> Iterator[tuple[float, float, bool]]:
    """Whether values over `low` and up to `high` go left; a later range overrides. Others do not.

    As NumericalDecision and CategoricalDecision in LightGBM's tree.h.
    """
    threshold = test.threshold
    if test.kind == "==":
        for category in map(float, str(threshold).split("||")):  # values are truncated towards 0
            low = math.nextafter(category, -math.inf) if category else -1.0
            yield low, math.nextafter(category + 1, -math.inf), True
        return
    threshold = math.inf if threshold == INFINITE else float(threshold)
    if abs(threshold) <= ZERO:
        threshold = ZERO if threshold >= 0 else BELOW_ZERO
    yield -math.inf, threshold, True
    if test.missing == "Zero":
        yield BELOW_ZERO, ZERO, test.default_left


def _goes_left(
    test: _Test, ranges: list[tuple[float, float, bool]], edges: list[float]
) -> npt.NDArray[np.bool_]:
    left = np.zeros(len(edges) + 2, dtype=np.bool_)
    for low, high, goes in ranges:
        left[bisect_right(edges, low) : bisect_right(edges, high)] = goes
    if test.kind == "<=":
        left[-1] = test.default_left if test.missing == "NaN" else left[bisect_left(edges, 0.0)]
    return left


def _cut(
    node: _Node, path: dict[int, list[Condition]], fractions: dict[int, float]
) -> Iterator[Subtree]:
    """The largest subtrees with small tables; single leaves where there are none."""
    if len(path) > COLUMNS:
        raise UnsupportedModel("too many columns on one path")
    if node.test is None or (node.splits is not None and _is_small(node.splits, path)):
        subtree = Subtree({column: [*conditions] for column, conditions in path.items()}, [])
        _gather(node, fractions, subtree)
        yield subtree
        return
    left, everything = node.test.goes_left, (1 << LEAVES) - 1
    conditions = (left, 0, everything), (left, everything, 0)
    for child, condition in zip(node.children, conditions, strict=True):
        below = {**path, node.column: [*path.get(node.column, ()), condition]}
        yield from _cut(child, below, _follow(node, child, fractions))


def _gather(node: _Node, fractions: dict[int, float], subtree: Subtree) -> int:
    """Adds the leaves and the conditions below `node` to `subtree`; returns the leaves as bits."""
    if node.test is None:
        subtree.leaves.append((node.value, fractions))
        return 1 << len(subtree.leaves) - 1
    left, right = node.children
    in_left = _gather(left, _follow(node, left, fractions), subtree)
    in_right = _gather(right, _follow(node, right, fractions), subtree)
    condition = node.test.goes_left, in_right, in_left
    subtree.conditions.setdefault(node.column, []).append(condition)
    return in_left | in_right


def _follow(node: _Node, child: _Node, fractions: dict[int, float]) -> dict[int, float]:
    """`fractions` at the child, by numbers of training rows as in LightGBM's Tree::TreeSHAP."""
    if child.rows <= 0:
        raise UnsupportedModel("a leaf without training rows")
    fraction = fractions.get(node.column, 1.0) * child.rows / node.rows
    return {**fractions, node.column: fraction}
