import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.train.made import dataset, plan, silent
from train.fitting.fit import fit, judge


def test_a_model_finds_what_there_is_to_find():
    made = dataset()
    assert roc_auc_score(made.defaulted, fit(made, plan(), silent).out_of_fold) > 0.85


def test_chance_is_not_taken_for_skill_even_after_selecting_among_many_columns():
    made = dataset(clients=600, columns=40, informative=False)
    fitted = fit(made, plan(max_features=10), silent)
    assert roc_auc_score(made.defaulted, fitted.out_of_fold) == pytest.approx(0.5, abs=0.07)


def test_what_became_of_a_fold_changes_nothing_in_the_model_that_judges_it():
    made, asked = dataset(columns=12), plan(max_features=6)
    rows, fold = np.arange(300), np.arange(300, 400)
    before = judge(made, asked, rows, fold, silent, "")
    made.defaulted[fold] = 1 - made.defaulted[fold]
    after = judge(made, asked, rows, fold, silent, "")
    assert before[0] == after[0]
    assert before[1].tolist() == after[1].tolist()


def test_the_rows_of_a_person_are_judged_together():
    persons = np.repeat(np.arange(200), 2)
    made = dataset(group="person", person=persons)
    assert "person" not in made.columns
    fitted = fit(made, plan(repeats=2), silent)
    for repeat in fitted.fold_of:
        assert (repeat[::2] == repeat[1::2]).all()


def test_repeats_are_different_cross_validations_of_which_the_mean_is_reported():
    fitted = fit(dataset(), plan(repeats=2), silent)
    assert fitted.by_repeat.shape == (2, 400)
    assert len(fitted.folds) == 6
    assert not np.array_equal(*fitted.by_repeat)
    assert not np.array_equal(*fitted.fold_of)
    assert fitted.out_of_fold == pytest.approx(fitted.by_repeat.mean(axis=0))


def test_a_client_without_a_known_person_is_a_person_of_its_own():
    made = dataset(group="person", person=[None] * 200 + ["a", "b"] * 100)
    assert len(set(made.persons.tolist())) == 202
