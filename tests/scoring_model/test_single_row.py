"""The quick way for one client gives the bits of the usual one, or is not taken."""

from concurrent.futures import ThreadPoolExecutor

import lightgbm as lgb
import numpy as np
import pytest

from scoring_model.single_row import single_row


@pytest.fixture
def booster(small_artifacts):
    return small_artifacts.estimator.booster_


@pytest.fixture
def clients(booster):
    draw = np.random.default_rng(1)
    matrix = draw.lognormal(0, 6, (400, booster.num_feature()))
    matrix[draw.random(matrix.shape) < 0.2] = np.nan
    return matrix


def test_this_lightgbm_offers_the_fast_call(booster):
    assert single_row(booster), "LightGBM's LGBM_BoosterPredictForMatSingleRowFast has changed"


def test_it_gives_the_same_bits(booster, clients):
    predict = single_row(booster)
    assert [predict(row[None])[0] for row in clients] == booster.predict(clients).tolist()


def test_columns_that_lie_apart_in_memory_are_read_right(booster, clients):
    predict = single_row(booster)
    apart = np.asfortranarray(clients)
    assert predict(apart[7:8]) == booster.predict(clients)[7]


def test_many_threads_may_use_it_at_once(booster, clients):
    predict = single_row(booster)
    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda row: predict(row[None])[0], clients))
    assert got == booster.predict(clients).tolist()


def test_another_number_of_columns_is_refused(booster, clients):
    with pytest.raises(OSError, match="one client"):
        single_row(booster)(clients[:1, 1:])


def test_a_model_with_several_scores_a_client_takes_the_usual_way(clients):
    labels = np.arange(len(clients)) % 3
    params = {"objective": "multiclass", "num_class": 3, "verbose": -1}
    assert single_row(lgb.train(params, lgb.Dataset(clients, labels), 2)) is None


def test_a_lightgbm_that_lacks_the_function_takes_the_usual_way(booster, monkeypatch):
    monkeypatch.delattr("lightgbm.basic._LIB")
    assert single_row(booster) is None
