import lightgbm as lgb
import numpy as np
import pytest
from sklearn.metrics import log_loss

from tests.train.made import table
from train.fitting.selection import out_of_sample_gain


def test_the_gains_of_all_columns_add_up_to_what_the_model_saves_on_unseen_clients():
    clients = table(clients=3000).drop(["id"])
    y = clients["y"].to_numpy().astype(np.int8)
    X = np.column_stack([clients[f"c{number}"].to_numpy() for number in range(6)])
    model = lgb.LGBMClassifier(n_estimators=40, num_leaves=8, verbose=-1, n_jobs=1)
    booster = model.fit(X[:2000], y[:2000]).booster_
    gains = out_of_sample_gain(booster, X[2000:], y[2000:])
    before = np.full(1000, y[:2000].mean())
    saved = log_loss(y[2000:], before, normalize=False) - log_loss(
        y[2000:], booster.predict(X[2000:]), normalize=False
    )
    assert gains.sum() == pytest.approx(saved, rel=0.05)
    assert gains[:2].min() > 20 > abs(gains[2:]).max()


def test_a_model_that_learned_nothing_gains_nothing():
    X, y = np.zeros((100, 2)), np.tile([0, 1], 50).astype(np.int8)
    model = lgb.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(X, y)
    assert out_of_sample_gain(model.booster_, X, y).tolist() == [0, 0]
