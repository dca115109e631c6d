import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from lightgbm import LGBMClassifier
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import cross_val_predict

from tests.trained import GERMAN
from train.data.dataset import encode
from train.evaluation.calibration import FITS, calibrate
from train.fitting.folds import folds

CLIENTS = 6000


def draw(truth, seed=0):
    """Scores, and outcomes drawn with the probability that `truth` makes of each score."""
    random = np.random.default_rng(seed)
    scores = random.beta(1.2, 6, CLIENTS)
    return scores, (random.random(CLIENTS) < truth(scores)).astype(np.int8)


def odds(change):
    """Changes the log odds of a probability."""
    return lambda p: 1 / (1 + np.exp(-change(np.log(p / (1 - p)))))


def calibrated(scores, defaulted):
    return calibrate(defaulted, scores, folds(defaulted, None, 5, 0))


def lopsided(p):
    good, bad = 1 - p, p
    return 1 / (1 + good**2.5 / (np.exp(0.8) * bad**0.45))


def bent(p):
    return np.interp(p, [0, 0.1, 0.12, 0.3, 0.35, 1], [0, 0.02, 0.3, 0.33, 0.8, 1])


@pytest.mark.parametrize(
    ("truth", "method"),
    [
        (lambda p: p, "none"),
        (odds(lambda z: 2 * z + 1), "platt"),
        (lopsided, "beta"),
        (bent, "isotonic"),
    ],
)
def test_the_simplest_calibration_that_fits_is_chosen(truth, method):
    scores, defaulted = draw(truth)
    found = calibrated(scores, defaulted)
    assert found.calibration.method == method
    assert found.why.startswith(f"{method}: ")
    near = np.linspace(0.05, 0.6, 50)
    assert found.calibration.apply(near) == pytest.approx(truth(near), abs=0.1)


def test_all_four_are_in_the_table_with_their_out_of_fold_scores():
    scores, defaulted = draw(odds(lambda z: 2 * z + 1))
    found = calibrated(scores, defaulted)
    table = pd.DataFrame(found.table).set_index("method")
    assert list(table.index) == ["none", "platt", "beta", "isotonic"]
    assert table.index[table["chosen"]].tolist() == ["platt"]
    assert table.loc["none", "log_loss"] == pytest.approx(log_loss(defaulted, scores))
    assert table.loc["platt", "brier"] == pytest.approx(
        brier_score_loss(defaulted, found.probability)
    )


def test_no_client_is_judged_by_a_calibration_that_saw_them():
    scores, defaulted = draw(bent)
    found = calibrated(scores, defaulted)
    for rest, part in folds(defaulted, None, 5, 0):
        other = FITS["isotonic"](scores[rest], defaulted[rest])
        assert np.array_equal(found.probability[part], other.apply(scores[part]))
    assert not np.array_equal(found.probability, found.calibration.apply(scores))


@pytest.mark.parametrize("method", ["platt", "beta", "isotonic"])
@pytest.mark.parametrize("truth", [odds(lambda z: 2 * z + 1), lopsided, bent])
def test_a_calibration_makes_no_ties_and_changes_no_rank(method, truth):
    scores, defaulted = draw(truth)
    after = FITS[method](scores, defaulted).apply(scores)
    assert len(np.unique(after)) == len(np.unique(scores))
    assert roc_auc_score(defaulted, after) == roc_auc_score(defaulted, scores)


def test_beta_calibration_leaves_out_a_term_that_would_turn_clients_round():
    scores, defaulted = draw(lambda p: 1 / (1 + 1 / (2 * p * (1 - p))))  # falls beyond a half
    a, b, _ = FITS["beta"](scores, defaulted).coefficients
    assert (a > 0, b) == (True, 0)


def test_scores_that_rank_the_wrong_way_are_not_turned_round():
    scores, defaulted = draw(lambda p: 0.5 - 0.5 * p)
    with pytest.raises(ValueError, match="platt"):
        FITS["platt"](scores, defaulted)
    after = calibrated(scores, defaulted).calibration.apply(np.sort(scores))
    assert (np.diff(after) > 0).all()


def test_scores_without_an_error_are_no_reason_to_fail():
    defaulted = np.repeat([0, 1], 100).astype(np.int8)
    scores = np.linspace(0.1, 0.9, 200)
    found = calibrated(scores, defaulted)
    assert (np.diff(found.calibration.apply(scores)) > 0).all()


def test_the_same_scores_give_the_same_calibration():
    scores, defaulted = draw(lopsided)
    assert calibrated(scores, defaulted).calibration == calibrated(scores, defaulted).calibration


def test_of_the_german_clients_the_calibrated_brier_score_is_not_worse_out_of_fold():
    table = pa.Table.from_pandas(pd.read_csv(GERMAN).rename_axis("row").reset_index())
    bad = pa.array([int(value == "bad") for value in table["class"].to_pylist()])
    table = table.set_column(table.column_names.index("class"), "class", bad)
    dataset = encode(table, "row", "class", [].append)
    model = LGBMClassifier(n_estimators=200, num_leaves=15, n_jobs=1, verbose=-1)
    raw = cross_val_predict(model, dataset.matrix, dataset.defaulted, cv=5, method="predict_proba")[
        :, 1
    ]
    found = calibrated(raw, dataset.defaulted)
    assert found.calibration.method != "none"  # so many trees on a thousand clients are too sure
    before, after = (brier_score_loss(dataset.defaulted, p) for p in (raw, found.probability))
    assert after < before - 0.01
