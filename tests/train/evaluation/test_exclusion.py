import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from train.evaluation.evaluation import judged
from train.evaluation.exclusion import Exclusion, contrast
from train.evaluation.intervals import Interval
from train.evaluation.threshold import lent_unseen
from train.fitting.folds import folds

RANDOM = np.random.default_rng(1)
Y = (RANDOM.random(800) < 0.25).astype(np.int8)
BETTER = np.clip(0.25 + 0.15 * Y + 0.15 * RANDOM.normal(size=800), 0.01, 0.99)
WORSE = np.clip(BETTER + 0.1 * RANDOM.normal(size=800), 0.01, 0.99)


def splits():
    return folds(Y, None, 3, 0)


def test_a_change_is_the_difference_of_the_two_metrics():
    auc, cost = contrast(Y, (WORSE, BETTER), splits(), 5.0, 0)
    assert auc.value == pytest.approx(roc_auc_score(Y, BETTER) - roc_auc_score(Y, WORSE))
    costs = [
        judged(Y, p, lent_unseen(Y, 1 - p, splits(), 5.0), 5.0, 0)["business_cost"]
        for p in (WORSE, BETTER)
    ]
    assert cost.value == pytest.approx(costs[1] - costs[0])
    assert auc.low < auc.value < auc.high
    assert cost.low < cost.value < cost.high


def test_pairs_tell_more_than_each_alone():
    """The interval of the difference is narrower than the metric's own."""
    auc, _ = contrast(Y, (WORSE, BETTER), splits(), 5.0, 0)
    alone = judged(Y, BETTER, BETTER < 0.3, 5.0, 0)
    assert auc.high - auc.low < alone["auc_high"] - alone["auc_low"]


def test_there_and_back_is_the_opposite():
    there = contrast(Y, (WORSE, BETTER), splits(), 5.0, 0)[0]
    back = contrast(Y, (BETTER, WORSE), splits(), 5.0, 0)[0]
    assert (back.value, back.low) == pytest.approx((-there.value, -there.high))


def test_a_model_does_not_differ_from_itself():
    assert contrast(Y, (WORSE, WORSE), splits(), 5.0, 0) == (Interval(0, 0, 0), Interval(0, 0, 0))


def test_what_an_exclusion_changes_is_said_and_measured():
    change = Interval(-0.0012, -0.002, 0.0004)
    found = Exclusion(("age",), change, change)
    assert found.says == (
        "leaving out age changes AUC by -0.0012 (95 % -0.0020 to +0.0004), "
        "business cost a client by -0.0012 (95 % -0.0020 to +0.0004)"
    )
    assert found.metrics == {
        "exclude_auc_change": -0.0012,
        "exclude_auc_change_low": -0.002,
        "exclude_auc_change_high": 0.0004,
        "exclude_business_cost_change": -0.0012,
        "exclude_business_cost_change_low": -0.002,
        "exclude_business_cost_change_high": 0.0004,
    }
