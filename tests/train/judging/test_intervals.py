import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from train.judging.intervals import Ranking, intervals, resamples

RANDOM = np.random.default_rng(0)
Y = (RANDOM.random(500) < 0.2).astype(np.int8)
PD = np.round(np.clip(0.2 + 0.1 * Y + 0.1 * RANDOM.normal(size=500), 0.01, 0.99), 2)  # with ties


def test_the_auc_of_a_resample_is_that_of_the_clients_it_drew():
    ranking = Ranking.of(Y, PD)
    for weights in resamples(Y, 5, 0):
        expected = roc_auc_score(np.repeat(Y, weights), np.repeat(PD, weights))
        assert ranking.auc(weights) == pytest.approx(expected)


def test_a_resample_has_as_many_of_each_outcome_as_there_are():
    for weights in resamples(Y, 5, 0):
        assert weights[Y == 1].sum() == (Y == 1).sum()
        assert weights.sum() == len(Y)


def test_a_metric_lies_within_its_interval():
    losses = {"brier": (PD - Y) ** 2}
    found = intervals(Y, PD, losses, count=200)
    assert found["auc_low"] < roc_auc_score(Y, PD) < found["auc_high"]
    assert found["brier_low"] < losses["brier"].mean() < found["brier_high"]


def test_an_interval_is_about_as_wide_as_theory_says():
    good = (PD < 0.3).astype(float)
    found = intervals(Y, PD, {"share": good})
    parts = [good[Y == outcome] for outcome in (0, 1)]
    error = np.sqrt(sum(len(part) * part.var() for part in parts)) / len(Y)
    assert found["share_high"] - found["share_low"] == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_the_same_seed_gives_the_same_interval():
    assert intervals(Y, PD, {}, 3, 50) == intervals(Y, PD, {}, 3, 50)
    assert intervals(Y, PD, {}, 3, 50) != intervals(Y, PD, {}, 4, 50)
