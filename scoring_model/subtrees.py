"""Reads the trees of a LightGBM model from `Booster.dump_model`, and cuts them into subtrees."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
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

Decision = tuple[str, float | str, str, bool]
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
class _Node:
    """A split or, with `column` -1, a leaf. `splits`: by column, those of a small subtree."""

    rows: int
    value: float = 0.0
    column: int = -1
    decision: Decision = ("", 0.0, "", False)
    children: "tuple[_Node, ...]" = ()
    splits: dict[int, int] | None = None


def read_subtrees(booster: Any) -> tuple[dict[int, list[float]], list[Subtree]]:
    """The edges of each column's bins, and all subtrees. A bin goes from one edge, excluded, to
    the next, included; the last but one has no upper edge; the last holds NaN.

    Raises UnsupportedModel if there are several trees per iteration or no split, or if a path is
    too long.
    """
    if booster.num_model_per_iteration() != 1:
        raise UnsupportedModel("several trees per iteration")
    end = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
    decisions: dict[int, set[Decision]] = {}
    roots = []
    try:
        for start in range(0, end, ITERATIONS):
            model = booster.dump_model(min(ITERATIONS, end - start), start)
            roots += [_read(tree["tree_structure"], decisions) for tree in model["tree_info"]]
    except RecursionError as error:
        raise UnsupportedModel("trees are too deep") from error
    if not decisions:
        raise UnsupportedModel("no tree has a split")
    edges, goes_left = {}, {}
    for column, of_column in decisions.items():
        ranges = {decision: [*_ranges(decision)] for decision in of_column}
        ends = {end for each in ranges.values() for low, high, _ in each for end in (low, high)}
        edges[column] = sorted(ends - {-math.inf})
        for decision in of_column:
            goes_left[column, decision] = _goes_left(decision, ranges[decision], edges[column])
    return edges, [s for root in roots for s in _cut(root, {}, {}, goes_left)]


def _read(node: dict[str, Any], decisions: dict[int, set[Decision]]) -> _Node:
    if "leaf_const" in node:
        raise UnsupportedModel("linear trees")
    if "split_feature" not in node:
        return _Node(node.get("leaf_count", 1), node["leaf_value"], splits={})
    column, threshold = node["split_feature"], node["threshold"]
    decision = node["decision_type"], threshold, node["missing_type"], node["default_left"]
    decisions.setdefault(column, set()).add(decision)
    left, right = _read(node["left_child"], decisions), _read(node["right_child"], decisions)
    splits = None
    if left.splits is not None and right.splits is not None:
        splits = left.splits | {column: left.splits.get(column, 0) + 1}
        for key, number in right.splits.items():
            splits[key] = splits.get(key, 0) + number
        splits = splits if _is_small(splits, {}) else None
    return _Node(node["internal_count"], 0.0, column, decision, (left, right), splits)


def _is_small(splits: dict[int, int], path: dict[int, list[Condition]]) -> bool:
    """Whether the table is expected to have at most `TABLE` numbers."""
    columns = splits.keys() | path.keys()
    states = math.prod([1 + splits.get(column, 0) + (column in path) for column in columns])
    return sum(splits.values()) < LEAVES and states * len(columns) <= TABLE


def _ranges(decision: Decision) -> Iterator[tuple[float, float, bool]]:
    """Whether values over `low` and up to `high` go left; a later range overrides. Others do not.

    As NumericalDecision and CategoricalDecision in LightGBM's tree.h.
    """
    kind, threshold, missing, default_left = decision
    if kind == "==":
        for category in map(float, str(threshold).split("||")):  # values are truncated towards 0
            low = math.nextafter(category, -math.inf) if category else -1.0
            yield low, math.nextafter(category + 1, -math.inf), True
        return
    threshold = math.inf if threshold == INFINITE else float(threshold)
    if abs(threshold) <= ZERO:
        threshold = ZERO if threshold >= 0 else BELOW_ZERO
    yield -math.inf, threshold, True
    if missing == "Zero":
        yield BELOW_ZERO, ZERO, default_left


def _goes_left(
    decision: Decision, ranges: list[tuple[float, float, bool]], edges: list[float]
) -> npt.NDArray[np.bool_]:
    kind, _, missing, default_left = decision
    left = np.zeros(len(edges) + 2, dtype=np.bool_)
    for low, high, goes in ranges:
        left[bisect_right(edges, low) : bisect_right(edges, high)] = goes
    if kind == "<=":
        left[-1] = default_left if missing == "NaN" else left[bisect_left(edges, 0.0)]
    return left


def _cut(
    node: _Node,
    path: dict[int, list[Condition]],
    fractions: dict[int, float],
    goes_left: dict[tuple[int, Decision], npt.NDArray[np.bool_]],
) -> Iterator[Subtree]:
    """The largest subtrees with small tables; single leaves where there are none."""
    if len(path) > COLUMNS:
        raise UnsupportedModel("too many columns on one path")
    if not node.children or (node.splits is not None and _is_small(node.splits, path)):
        subtree = Subtree({column: [*conditions] for column, conditions in path.items()}, [])
        _gather(node, fractions, goes_left, subtree)
        yield subtree
        return
    left, everything = goes_left[node.column, node.decision], (1 << LEAVES) - 1
    conditions = (left, 0, everything), (left, everything, 0)
    for child, condition in zip(node.children, conditions, strict=True):
        below = {**path, node.column: [*path.get(node.column, ()), condition]}
        yield from _cut(child, below, _follow(node, child, fractions), goes_left)


def _gather(
    node: _Node,
    fractions: dict[int, float],
    goes_left: dict[tuple[int, Decision], npt.NDArray[np.bool_]],
    subtree: Subtree,
) -> int:
    """Adds the leaves and the conditions below `node` to `subtree`; returns the leaves as bits."""
    if not node.children:
        subtree.leaves.append((node.value, fractions))
        return 1 << len(subtree.leaves) - 1
    left, right = [
        _gather(child, _follow(node, child, fractions), goes_left, subtree)
        for child in node.children
    ]
    condition = goes_left[node.column, node.decision], right, left
    subtree.conditions.setdefault(node.column, []).append(condition)
    return left | right


def _follow(node: _Node, child: _Node, fractions: dict[int, float]) -> dict[int, float]:
    """`fractions` at the child, by numbers of training rows as in LightGBM's Tree::TreeSHAP."""
    if child.rows <= 0:
        raise UnsupportedModel("a leaf without training rows")
    fraction = fractions.get(node.column, 1.0) * child.rows / node.rows
    return {**fractions, node.column: fraction}
