import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.train.made import dataset, plan, silent
from train.fitting.fit import fit, judge, psi


def test_a_model_finds_what_there_is_to_find():
    made = dataset()
    assert roc_auc_score(made.defaulted, fit(made, plan(), silent).crossed.out_of_fold) > 0.85


def test_chance_is_not_taken_for_skill_even_after_selecting_among_many_columns():
    made = dataset(clients=600, columns=40, informative=False)
    fitted = fit(made, plan(max_features=10), silent)
    assert roc_auc_score(made.defaulted, fitted.crossed.out_of_fold) == pytest.approx(0.5, abs=0.07)


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
    for repeat in fitted.crossed.fold_of:
        assert (repeat[::2] == repeat[1::2]).all()


def test_repeats_are_different_cross_validations_of_which_single_models_are_reported():
    crossed = fit(dataset(), plan(repeats=2), silent).crossed
    assert crossed.by_repeat.shape == (2, 400)
    assert len(crossed.choices) == 6
    assert not np.array_equal(*crossed.by_repeat)
    assert not np.array_equal(*crossed.fold_of)
    once = fit(dataset(), plan(), silent).crossed
    assert crossed.out_of_fold.tolist() == once.out_of_fold.tolist()


def test_with_times_later_clients_are_judged_by_models_of_earlier_ones():
    days = np.random.default_rng(2).permutation(400) // 2
    made = dataset(time="day", day=days)
    assert "day" not in made.columns
    crossed = fit(made, plan(), silent).crossed
    assert crossed.rows.tolist() == np.flatnonzero(days >= 50).tolist()
    assert [len(part) for _, part in crossed.splits] == [100, 100, 100]
    assert not np.isnan(crossed.out_of_fold).any()


def test_the_stability_index_of_equal_scores_is_zero_and_grows_with_their_distance():
    scores = np.random.default_rng(0).normal(size=5000)
    assert psi(scores, scores) == pytest.approx(0, abs=1e-6)
    assert psi(scores, scores + 0.1) < 0.1 < psi(scores, scores + 0.5)


def test_a_client_without_a_known_person_is_a_person_of_its_own():
    made = dataset(group="person", person=[None] * 200 + ["a", "b"] * 100)
    assert len(set(made.persons.tolist())) == 202
