import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from scoring_model.decision import business_cost
from train.evaluation.evaluation import judged, over_repeats

RANDOM = np.random.default_rng(0)
PD = RANDOM.beta(1, 6, 2000)
Y = (RANDOM.random(2000) < PD).astype(np.int8)
LENT = PD < 0.1


@pytest.fixture(scope="module")
def found():
    return judged(Y, PD, LENT, 10.0, 0)


def test_the_headline_metrics_are_those_of_the_field(found):
    assert found["auc"] == pytest.approx(roc_auc_score(Y, PD))
    assert found["gini"] == pytest.approx(2 * found["auc"] - 1)
    assert found["brier"] == pytest.approx(brier_score_loss(Y, PD))
    assert found["log_loss"] == pytest.approx(log_loss(Y, PD))
    assert found["business_cost"] == pytest.approx(business_cost(Y, LENT, 10.0))
    assert found["calibration_in_the_large"] == pytest.approx(PD.mean() - Y.mean())


def test_ks_is_the_greatest_distance_of_the_outcomes_distributions(found):
    ks = max(abs((PD[Y == 1] <= p).mean() - (PD[Y == 0] <= p).mean()) for p in PD)
    assert found["ks"] == pytest.approx(ks)


def test_the_area_under_precision_and_recall_lies_between_the_default_rate_and_one(found):
    assert Y.mean() < found["pr_auc"] < 1


def test_repeats_show_how_far_folds_alone_move_the_auc():
    assert over_repeats(Y, PD[np.newaxis]) == {}
    found = over_repeats(Y, np.array([PD, 1 - PD]))
    assert found["auc_repeats_mean"] == pytest.approx(0.5)
    assert found["auc_repeats_std"] > 0.2
