"""TreeSHAP by tables, against LightGBM's `pred_contrib`."""

import logging
import math

import cloudpickle
import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring_model.subtrees import UnsupportedModel
from scoring_model.tree_shap import TreeShap, contributions_by

ROWS = 400
UNSEEN = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 2e-35, -2e-35, 1e300]
UNSEEN += [-1e300, 0.5, -0.5, -1.0, -1.5, 3.9, 400.0, 1e6, 2.0**31, 1e10, -1e10]
BOOSTINGS = ["gbdt", "dart", "goss", "rf"]


def table(random, columns, missing):
    """Numbers of several kinds, zeros, the categories 0 to 11, and missing values."""
    kinds = [
        lambda: random.normal(size=ROWS),
        lambda: random.lognormal(0, 10, ROWS),
        lambda: random.integers(-3, 4, ROWS),
        lambda: random.normal(size=ROWS) * (random.random(ROWS) < 0.5),
        lambda: random.integers(0, 12, ROWS),
        lambda: random.integers(0, 12, ROWS),
    ]
    rows = np.column_stack([kinds[c % len(kinds)]() for c in range(columns)]).astype(float)
    rows[random.random(rows.shape) < missing] = np.nan
    return rows


def trained(rows, random, rounds, categories, **params):
    signal = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, -1]) % 3 > 1
    labels = np.where(random.random(ROWS) < 0.2, ~signal, signal)
    params = {"objective": "binary", "num_threads": 1, "verbose": -1, "seed": 3, **params}
    data = lgb.Dataset(rows, labels, categorical_feature=categories, params=params)
    return lgb.train(params, data, rounds)


def thresholds(node, found):
    if "split_feature" in node:
        if node["decision_type"] == "<=":
            found.setdefault(node["split_feature"], set()).add(node["threshold"])
        thresholds(node["left_child"], found)
        thresholds(node["right_child"], found)


def clients(booster, rows, random):
    """Rows of the training table, some of whose values are thresholds, their neighbours or odd."""
    found = {}
    for tree in booster.dump_model()["tree_info"]:
        thresholds(tree["tree_structure"], found)
    rows = rows[random.integers(0, len(rows), 150)].copy()
    for column in range(rows.shape[1]):
        ties = [*found.get(column, ())]
        near = [math.nextafter(tie, side) for tie in ties for side in (math.inf, -math.inf)]
        odd = random.choice([*UNSEEN, *ties, *near], len(rows))
        rows[:, column] = np.where(random.random(len(rows)) < 0.5, odd, rows[:, column])
    return rows


def assert_equal(found, booster, rows):
    expected = booster.predict(rows, pred_contrib=True, num_threads=1)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    columns=st.integers(1, 13),
    rounds=st.integers(1, 25),
    missing=st.sampled_from([0.0, 0.02, 0.4]),
    categorical=st.booleans(),
    params=st.fixed_dictionaries(
        {
            "num_leaves": st.sampled_from([2, 3, 8, 31, 64]),
            "max_depth": st.sampled_from([-1, 1, 3, 6]),
            "min_data_in_leaf": st.sampled_from([1, 5, 50, 190]),
            "min_gain_to_split": st.sampled_from([0.0, 0.0, 3.0]),
            "learning_rate": st.sampled_from([0.02, 0.3]),
            "max_bin": st.sampled_from([3, 16, 255]),
            "zero_as_missing": st.booleans(),
            "use_missing": st.booleans(),
            "extra_trees": st.booleans(),
            "max_cat_to_onehot": st.sampled_from([1, 4, 20]),
            "cat_smooth": st.sampled_from([0.0, 10.0]),
            "min_data_per_group": st.sampled_from([1, 20]),
            "boosting": st.sampled_from(BOOSTINGS),
            "bagging_fraction": st.just(0.7),
            "bagging_freq": st.just(1),
        }
    ),
)
def test_contributions_are_those_of_lightgbm(seed, columns, rounds, missing, categorical, params):
    random = np.random.default_rng(seed)
    rows = table(random, columns, missing)
    categories = [c for c in range(columns) if categorical and c % 6 >= 4]
    if params["boosting"] == "goss":
        params = {**params, "bagging_freq": 0}
    booster = trained(rows, random, rounds, categories, **params)
    try:
        shap = TreeShap(booster)
    except UnsupportedModel:
        # Small models all fit, but for those that never split.
        assert all(tree["num_leaves"] == 1 for tree in booster.dump_model()["tree_info"])
    else:
        odd = clients(booster, rows, random)
        assert_equal(shap.contributions(odd), booster, odd)


def test_contributions_of_a_client_do_not_depend_on_the_others():
    random = np.random.default_rng(0)
    rows = table(random, 12, 0.1)
    booster = trained(rows, random, 20, [4, 5])
    shap = TreeShap(booster)
    together = shap.contributions(rows)
    alone = np.vstack([shap.contributions(rows[i : i + 1]) for i in range(len(rows))])
    assert np.array_equal(together, alone)
    assert shap.contributions(rows[:0]).shape == (0, 13)


def test_early_stopping_counts_the_best_iteration_only():
    random = np.random.default_rng(0)
    rows = table(random, 6, 0.1)
    booster = trained(rows, random, 20, [])
    booster.best_iteration = 7
    assert_equal(TreeShap(booster).contributions(rows), booster, rows)


def test_other_width_is_refused():
    random = np.random.default_rng(0)
    rows = table(random, 6, 0.1)
    with pytest.raises(ValueError, match="6"):
        TreeShap(trained(rows, random, 3, [])).contributions(rows[:, :5])


def deep(random, _):
    """Each split takes one more column and cuts off a few rows, so that a path has 25 columns."""
    wide = random.random((ROWS, 25)) < 0.05
    labels = 2.0 ** -np.argmax(wide, axis=1) * wide.any(axis=1)
    params = {"num_leaves": 60, "min_data_in_leaf": 1, "verbose": -1, "num_threads": 1}
    return lgb.train(params, lgb.Dataset(wide.astype(float), labels), 3)


def never_split(random, rows):
    return trained(rows, random, 3, [], min_data_in_leaf=ROWS)


def three_classes(random, rows):
    params = {"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1}
    return lgb.train(params, lgb.Dataset(rows, random.integers(0, 3, ROWS)), 3)


@pytest.mark.parametrize("model", [deep, never_split, three_classes])
def test_other_models_are_explained_by_lightgbm_which_is_logged_once(model, caplog):
    random = np.random.default_rng(0)
    rows = table(random, 6, 0.1)
    booster = model(random, rows)
    rows = np.resize(rows, (50, booster.num_feature()))
    with pytest.raises(UnsupportedModel):
        TreeShap(booster)
    with caplog.at_level(logging.WARNING):
        contributions = contributions_by(booster)
        for _ in range(2):
            assert_equal(contributions(rows), booster, rows)
    assert len(caplog.records) == 1


def test_linear_trees_are_not_supported():
    random = np.random.default_rng(0)
    with pytest.raises(UnsupportedModel):
        TreeShap(trained(table(random, 6, 0), random, 3, [], linear_tree=True))


def test_the_champion(shipped):
    random = np.random.default_rng(0)
    with (shipped / "model.pkl").open("rb") as file:
        booster = cloudpickle.load(file).booster_
    made_up = clients(booster, random.lognormal(0, 5, (200, booster.num_feature())), random)
    assert_equal(TreeShap(booster).contributions(made_up), booster, made_up)
