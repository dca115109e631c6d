"""What each column is worth to a model on clients that it did not learn from."""

from typing import Any

import lightgbm as lgb
import numpy as np

from scoring_model.contract import Matrix, Vector
from train.fitting.folds import Outcomes

Sums = tuple[Vector, Vector]


def out_of_sample_gain(booster: lgb.Booster, X: Matrix, defaulted: Outcomes) -> Vector:
    """The log loss that the splits on each column save on these clients, shape (columns,).

    A split moves a client's log odds from its node's value to its child's, by d: to second order
    that saves -(g d + h d^2 / 2), where g = p - y and h = p (1 - p) at the trees before (Chen and
    Guestrin 2016, "XGBoost", eq. 2). Unlike the gain on the training rows it is below zero for a
    column that fits noise.

    `X` is float64 of shape (clients, columns), `defaulted` of shape (clients,); neither was seen by
    `booster`, a binary model that boosts from the average.
    """
    gains = np.zeros(X.shape[1])
    trees = booster.dump_model()["tree_info"]
    leaves = booster.predict(X, pred_leaf=True).reshape(len(X), len(trees))
    raw = np.zeros(len(X))
    for number, tree in enumerate(trees):
        root, leaf = tree["tree_structure"], leaves[:, number]
        values = np.zeros(tree["num_leaves"])
        if number > 0 or "split_feature" not in root:
            gradient, hessian = _derivatives(raw, defaulted)
        else:  # the first tree's values hold the average to start from
            gradient, hessian = _derivatives(np.full(len(X), root["internal_value"]), defaulted)
        sums = (
            np.bincount(leaf, gradient, len(values)).astype(np.float64),
            np.bincount(leaf, hessian, len(values)).astype(np.float64),
        )
        _walk(root, sums, values, gains)
        raw += values[leaf]
    return gains


def _derivatives(raw: Vector, defaulted: Outcomes) -> Sums:
    """Of the log loss by the log odds `raw`: first and second, each of shape (clients,)."""
    probability = 1.0 / (1.0 + np.exp(-raw))
    return probability - defaulted, probability * (1.0 - probability)


def _walk(
    node: dict[str, Any], sums: Sums, values: Vector, gains: Vector
) -> tuple[float, float, float]:
    """Adds the gains of a node and all below; fills in the leaves' values.

    Returns the node's value and its sums of g and h.
    """
    if "split_feature" not in node:
        leaf = node.get("leaf_index", 0)
        values[leaf] = node["leaf_value"]
        return node["leaf_value"], float(sums[0][leaf]), float(sums[1][leaf])
    total_g = total_h = 0.0
    for side in ("left_child", "right_child"):
        value, g, h = _walk(node[side], sums, values, gains)
        moved = value - node["internal_value"]
        gains[node["split_feature"]] -= g * moved + 0.5 * h * moved**2
        total_g, total_h = total_g + g, total_h + h
    return node["internal_value"], total_g, total_h
