from dataclasses import replace

import numpy as np
import pytest

from tests.train.made import QUICK, dataset, plan, silent
from train.errors import UnusableSign
from train.fitting.boosting import Boosting, Choice
from train.home_credit import directions
from train.home_credit.directions import check_signs, signs

SMOOTH = replace(QUICK, path_smooth=20.0)
SIGNS = {"c0": 1, "c3": 1, "c4": -1}


def rising(model, column):
    """Whether raising one column never lowers the probability, over a grid of clients."""
    random = np.random.default_rng(1)
    clients = np.repeat(random.normal(size=(50, 1, 6)), 40, axis=1)
    clients[:, :, column] = np.linspace(-3, 3, 40)
    found = model.predict_proba(clients.reshape(-1, 6))[:, 1].reshape(50, 40)
    return (np.diff(found, axis=1) >= 0).all()


@pytest.mark.parametrize("extra_trees", [True, False])
def test_a_model_keeps_the_signs_that_it_is_given(extra_trees):
    made, rows = dataset(), np.arange(400)
    free, bound = (
        Boosting(made, asked, silent).fit(rows, Choice(extra_trees, 60, 0.0), "")
        for asked in (plan(hyperparameters=SMOOTH), plan(hyperparameters=SMOOTH, monotone=SIGNS))
    )
    assert [rising(bound, column) for column in (0, 3)] == [True, True]
    assert not rising(free, 3)
    assert not rising(bound, 2)


def test_signs_are_read_from_text():
    assert signs("EXT_SOURCE_2:-1, AMT_CREDIT:+1") == {"EXT_SOURCE_2": -1, "AMT_CREDIT": 1}
    assert signs("") == {}


def test_declared_signs_can_be_overruled():
    found = signs("EXT_SOURCE_2:+1,declared")
    assert found == {**directions.SIGNS, "EXT_SOURCE_2": 1}
    assert found["EXT_SOURCE_1"] == -1


@pytest.mark.parametrize("text", ["c0", "c0:2", ":1", "c0:up"])
def test_text_that_is_no_sign(text):
    with pytest.raises(UnusableSign, match=text):
        signs(text)


def test_a_sign_needs_a_number_among_the_columns():
    made = dataset(kind=["a", "b"] * 200)
    check_signs(made, {"c0": 1, "EXT_SOURCE_1": -1})
    with pytest.raises(UnusableSign, match="nothing"):
        check_signs(made, {"nothing": 1})
    with pytest.raises(UnusableSign, match="category"):
        check_signs(made, {"kind": 1})
