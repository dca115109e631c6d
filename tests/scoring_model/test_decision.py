import numpy as np
import pytest

from scoring_model.decision import business_cost, decisions, solvency


def test_solvency_is_one_minus_the_probability_of_default():
    assert solvency(np.array([0.0, 0.25, 1.0])).tolist() == [1.0, 0.75, 0.0]


def test_a_solvency_at_the_threshold_gets_a_yes():
    assert decisions(np.array([0.49, 0.5, 0.51]), 0.5) == ["No", "Yes", "Yes"]


@pytest.mark.parametrize(
    ("lent", "cost"),
    [
        ([True] * 4, 10 / 4),
        ([False] * 4, 3 / 4),
        ([True, True, True, False], 0.0),
        ([False, True, True, True], (10 + 1) / 4),
    ],
)
def test_a_missed_default_costs_ten_refused_good_clients(lent, cost):
    assert business_cost(np.array([0, 0, 0, 1]), np.array(lent)) == pytest.approx(cost)


def test_the_cost_ratio_weighs_missed_defaults_only():
    lent = np.array([False, True])
    assert business_cost(np.array([0, 1]), lent, cost_ratio=4) == pytest.approx(2.5)
