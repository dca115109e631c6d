"""Which columns are worth asking a caller for: their gain held against shuffled outcomes."""

from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from train.data.dataset import Dataset
from train.fitting.folds import Outcomes, Rows, apart
from train.fitting.plan import REPRODUCIBLE, Plan

Sums = npt.NDArray[Any]
SAMPLE = 50_000
"""Clients on which columns are compared, at most."""
FITS = 3
"""Fits to the outcomes as they are, and as many to outcomes permuted among the clients."""
QUICK = {
    "n_estimators": 120,
    "learning_rate": 0.1,
    "num_leaves": 24,
    "max_depth": 6,
    "colsample_bytree": 0.1,
    "subsample": 0.6,
    "subsample_freq": 1,
    "reg_lambda": 5.0,
    "path_smooth": 20.0,
    "extra_trees": True,
}
"""Few and large steps: what matters is which columns help, not how far all of them get. A tree
sees a tenth of the columns, so that of two correlated ones both are used."""


def selected(dataset: Dataset, rows: Rows, plan: Plan) -> Dataset:
    """The dataset with at most `plan.max_features` columns: those with the greatest gain among
    those that beat chance. One that has no more columns stays as it is.

    Looks at the outcomes of `rows` alone. Null importances (Altmann et al. 2010, "Permutation
    importance"), with the gain measured on rows that the fit has not seen. To beat chance is to
    save anything, and more than a fit to shuffled outcomes does on average: asking for more than
    that drops weak columns that together are worth something. Where no column does, the single
    best is kept.
    """
    if len(dataset.columns) <= plan.max_features:
        return dataset
    random = np.random.default_rng(plan.seed)
    if len(rows) > SAMPLE:
        rows = np.sort(random.choice(rows, SAMPLE, replace=False))
    y = dataset.defaulted[rows]
    real = [_gains(dataset, rows, y, plan, number) for number in range(FITS)]
    null = [_gains(dataset, rows, random.permutation(y), plan, number) for number in range(FITS)]
    gains, chance = np.mean(real, axis=0), np.mean(null, axis=0)
    order = np.argsort(-gains, kind="stable")
    better = order[gains[order] > np.maximum(chance[order], 0.0)]
    return dataset.restricted_to(np.sort(better[: plan.max_features] if len(better) else order[:1]))


def _gains(dataset: Dataset, rows: Rows, outcomes: Outcomes, plan: Plan, number: int) -> Vector:
    """The gain of each column for these outcomes of the rows, a client: of a quick fit on two
    thirds of them, judged on the others."""
    persons, seed = None if dataset.persons is None else dataset.persons[rows], plan.seed + number
    learn, judge = apart(outcomes, persons, 1 / 3, seed)
    model = lgb.LGBMClassifier(
        **QUICK,
        **REPRODUCIBLE,
        min_child_samples=max(5, min(100, len(learn) // 100)),
        random_state=seed,
        n_jobs=plan.threads_for(len(learn)),
    )
    X = dataset.matrix[rows]
    model.fit(X[learn], outcomes[learn], categorical_feature=dataset.categories)
    return out_of_sample_gain(model.booster_, X[judge], outcomes[judge]) / len(judge)


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
    log_odds = np.zeros(len(X))
    for number, tree in enumerate(trees):
        root, leaf, count = tree["tree_structure"], leaves[:, number], tree["num_leaves"]
        # The first tree's values hold the average to start from.
        start = np.full(len(X), root.get("internal_value", 0.0)) if number == 0 else log_odds
        p = 1.0 / (1.0 + np.exp(-start))
        g, h = (np.bincount(leaf, each, count) for each in (p - defaulted, p * (1.0 - p)))
        values = np.zeros(count)
        _add_gains(root, g, h, values, gains)
        log_odds += values[leaf]
    return gains


def _add_gains(
    node: dict[str, Any], g: Sums, h: Sums, values: Vector, gains: Vector
) -> tuple[float, float, float]:
    """Adds the gains of a node and all below to `gains`; fills in the `values` of the leaves, by
    which `g` and `h` are summed. Returns the node's value and its sums of g and h."""
    if "split_feature" not in node:
        leaf = node.get("leaf_index", 0)
        values[leaf] = node["leaf_value"]
        return node["leaf_value"], float(g[leaf]), float(h[leaf])
    total_g = total_h = 0.0
    for side in ("left_child", "right_child"):
        value, child_g, child_h = _add_gains(node[side], g, h, values, gains)
        moved = value - node["internal_value"]
        gains[node["split_feature"]] -= child_g * moved + 0.5 * child_h * moved**2
        total_g, total_h = total_g + child_g, total_h + child_h
    return node["internal_value"], total_g, total_h
