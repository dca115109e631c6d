import numpy as np
import pytest

from scoring_model.decision import accepted, business_cost
from train.judging.threshold import cost_curve, threshold_interval


def draw(clients, seed=0):
    random = np.random.default_rng(seed)
    solvencies = random.beta(6, 1.2, clients).round(4)
    return (random.random(clients) > solvencies).astype(np.int8), solvencies


def test_every_point_of_the_curve_is_the_cost_of_deciding_there():
    defaulted, solvencies = draw(300)
    curve = cost_curve(defaulted, solvencies, 7)
    lent = [accepted(solvencies, threshold) for threshold in curve.thresholds[:-1]]
    assert curve.costs[:-1] == pytest.approx([business_cost(defaulted, yes, 7) for yes in lent])
    assert curve.lend_to_all == pytest.approx(7 * defaulted.mean())
    assert curve.lend_to_none == pytest.approx(1 - defaulted.mean())
    assert curve.costs.min() == curve.costs[curve.thresholds == curve.best]


def test_the_interval_holds_what_theory_says_and_the_threshold_found():
    defaulted, solvencies = draw(20_000)
    low, high = threshold_interval(defaulted, solvencies, 10, seed=0)
    best = cost_curve(defaulted, solvencies, 10).best
    assert 0 < low <= best <= high < 1
    assert low < 10 / 11 < high  # scores that are true: lend where 10 PD < 1 - PD


def test_more_clients_make_it_narrower():
    few, many = (threshold_interval(*draw(clients), 10, seed=0) for clients in (1000, 50_000))
    assert many[1] - many[0] < (few[1] - few[0]) / 2


def test_the_same_seed_gives_the_same_interval():
    one, again, other = (threshold_interval(*draw(5000), 10, seed) for seed in (1, 1, 2))
    assert one == again != other
