import warnings

import numpy as np
import pytest

from scoring_model.decision import Calibration, business_cost, decisions, solvency

CALIBRATIONS = {
    "none": Calibration(),
    "platt": Calibration("platt", (1.4, 1.4, -0.3)),
    "beta": Calibration("beta", (0.7, 2.3, 0.4)),
    "beta without one term": Calibration("beta", (0.0, 1.2, -2.0)),
    "isotonic": Calibration("isotonic", knots=((0.05, 0.02), (0.2, 0.3), (0.7, 0.75))),
}


@pytest.fixture(params=CALIBRATIONS)
def calibration(request):
    return CALIBRATIONS[request.param]


def test_the_order_of_clients_stays(calibration):
    probability = np.linspace(0.001, 0.999, 10_000)
    assert (np.diff(calibration.apply(probability)) > 0).all()


def test_a_probability_stays_a_probability(calibration):
    extreme = np.array([0.0, 5e-324, 1e-300, 0.5, 1 - 1e-16, 1.0])
    with warnings.catch_warnings():
        calibrated = calibration.apply(extreme)
    assert ((calibrated >= 0) & (calibrated <= 1)).all()


@pytest.mark.parametrize("steepest", [(10.0, 10.0, 100.0), (10.0, 10.0, -100.0)])
def test_the_steepest_that_is_allowed_does_not_overflow(steepest):
    calibrated = Calibration("beta", steepest).apply(np.array([0.0, 1.0]))
    assert np.isfinite(calibrated).all()


def test_a_client_alone_gets_the_same_bits_as_among_many(calibration):
    probability = np.random.default_rng(0).random(1003)
    together = calibration.apply(probability)
    for size in (1, 2, 3, 7, 8, 9, 64):
        apart = [
            calibration.apply(probability[start : start + size].copy())
            for start in range(0, len(probability), size)
        ]
        assert np.concatenate(apart).tobytes() == together.tobytes()


def test_no_calibration_changes_no_bit():
    probability = np.random.default_rng(0).random(100)
    assert Calibration().apply(probability).tobytes() == probability.tobytes()


def test_platt_scaling_is_a_line_on_the_log_odds():
    probability = np.array([0.1, 0.5, 0.8])
    odds = np.log(probability / (1 - probability))
    expected = 1 / (1 + np.exp(-(1.4 * odds - 0.3)))
    assert CALIBRATIONS["platt"].apply(probability) == pytest.approx(expected, rel=1e-12)


def test_beta_calibration_with_both_terms_1_is_the_identity():
    probability = np.linspace(0.01, 0.99, 50)
    calibrated = Calibration("beta", (1.0, 1.0, 0.0)).apply(probability)
    assert calibrated == pytest.approx(probability, rel=1e-12)


def test_isotonic_calibration_runs_through_its_knots_and_straight_between():
    calibrated = CALIBRATIONS["isotonic"].apply(np.array([0.0, 0.05, 0.125, 0.7, 1.0]))
    assert calibrated == pytest.approx([0.0, 0.02, 0.16, 0.75, 1.0])


def test_a_calibration_survives_its_json(calibration):
    again = Calibration.from_json(calibration.to_json())
    assert again == calibration
    probability = np.random.default_rng(0).random(100)
    assert again.apply(probability).tobytes() == calibration.apply(probability).tobytes()


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
