import numpy as np

from tests.train.made import dataset, plan, silent
from train.fitting.fit import fit
from train.fitting.selection import selected

ROWS = np.arange(400)


def test_what_matters_is_kept_and_noise_is_not():
    made = dataset(columns=30)
    assert selected(made, ROWS, plan(max_features=10)).columns[:2] == ("c0", "c1")
    assert len(selected(made, ROWS, plan(max_features=29)).columns) < 16


def test_no_more_columns_than_asked_for():
    assert selected(dataset(columns=30), ROWS, plan(max_features=1)).columns == ("c0",)


def test_a_table_with_few_columns_stays_as_it_is():
    made = dataset()
    assert selected(made, ROWS, plan(max_features=6)) is made


def test_a_caller_is_asked_for_no_column_that_the_model_does_not_use():
    fitted = fit(dataset(columns=30), plan(max_features=5), silent)
    used = fitted.estimator.booster_.feature_importance("split")
    assert len(used) <= 5
    assert used.all()
    assert fitted.dataset.contract.columns == list(fitted.dataset.derivation.inputs)
    assert fitted.dataset.contract.columns[:2] == ["c0", "c1"]


def test_selection_looks_at_the_outcomes_of_its_rows_alone():
    made = dataset(columns=30)
    seen = np.arange(250)
    before = selected(made, seen, plan(max_features=10))
    made.defaulted[250:] = 1 - made.defaulted[250:]
    assert selected(made, seen, plan(max_features=10)).columns == before.columns
