"""Which columns are worth asking a caller for: their gain held against shuffled outcomes."""

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from train.data.dataset import Dataset
from train.fitting.folds import Outcomes, Rows, apart
from train.fitting.plan import Plan

SAMPLE = 50_000
"""Clients on which columns are compared, at most."""

REAL, SHUFFLED = 3, 3
"""Fits to the outcomes as they are, and to outcomes permuted among the clients."""

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


@dataclass(frozen=True)
class Selection:
    """What each column saves on clients not learned from, in log loss a thousand clients.

    `gains` and `chance` are of shape (columns,): the means over the fits to the real outcomes and
    over those to shuffled ones. `kept` are positions, in ascending order.
    """

    gains: Vector
    chance: Vector
    kept: npt.NDArray[np.int64]


def selected(dataset: Dataset, rows: Rows, plan: Plan) -> Dataset:
    """The dataset with no more columns than planned; one that has no more stays as it is."""
    if len(dataset.columns) <= plan.max_features:
        return dataset
    selection = select(dataset, rows, plan.max_features, plan.seed, plan.threads)
    return dataset.restricted_to(selection.kept)


def select(dataset: Dataset, rows: Rows, most: int, seed: int, threads: int) -> Selection:
    """At most `most` columns, those with the greatest gain among those that beat chance.

    Looks at the outcomes of `rows` alone. Null importances (Altmann et al. 2010, "Permutation
    importance"), with the gain measured on rows that the fit has not seen. To beat chance is to
    save anything, and more than a fit to shuffled outcomes does on average: asking for more than
    that drops weak columns that together are worth something. Where no column does, the single
    best is kept.
    """
    random = np.random.default_rng(seed)
    if len(rows) > SAMPLE:
        rows = np.sort(random.choice(rows, SAMPLE, replace=False))
    y = dataset.defaulted[rows]
    trial = _Trials(dataset, rows, threads)
    real = [trial.gains(y, seed + number) for number in range(REAL)]
    null = [trial.gains(random.permutation(y), seed + number) for number in range(SHUFFLED)]
    gains, chance = np.mean(real, axis=0), np.mean(null, axis=0)
    order = np.argsort(-gains, kind="stable")
    better = order[gains[order] > np.maximum(chance[order], 0.0)]
    kept = better[:most] if len(better) else order[:1]
    return Selection(gains, chance, np.sort(kept))


@dataclass(frozen=True)
class _Trials:
    """Quick fits on two thirds of some rows, judged on the others."""

    dataset: Dataset
    rows: Rows
    threads: int

    def gains(self, outcomes: Outcomes, seed: int) -> Vector:
        """The gain of each column for these outcomes of the rows."""
        persons = self.dataset.persons
        persons = None if persons is None else persons[self.rows]
        learn, judge = apart(outcomes, persons, 1 / 3, seed)
        X = self.dataset.matrix
        model = lgb.LGBMClassifier(
            **QUICK,
            min_child_samples=max(5, min(100, len(learn) // 100)),
            random_state=seed,
            n_jobs=min(self.threads, 1 + len(learn) // 10_000),
            deterministic=True,
            force_col_wise=True,
            verbose=-1,
        ).fit(
            X[self.rows[learn]],
            outcomes[learn],
            categorical_feature=self.dataset.categories,
        )
        judged = X[self.rows[judge]]
        gains = out_of_sample_gain(model.booster_, judged, outcomes[judge])
        return gains * 1000 / len(judge)


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
