import numpy as np
import pytest

from train.errors import TrainError
from train.fitting.folds import apart, folds, folds_in_time

Y = np.tile([0, 0, 0, 1], 60).astype(np.int8)
PERSONS = np.repeat(np.arange(80), 3)


@pytest.mark.parametrize("persons", [None, PERSONS])
def test_every_row_is_judged_once_and_never_by_what_learned_from_it(persons):
    splits = list(folds(Y, persons, 4, 0))
    judged = np.concatenate([judged for _, judged in splits])
    assert sorted(judged) == list(range(len(Y)))
    for learned, judged in splits:
        assert sorted([*learned, *judged]) == list(range(len(Y)))


def test_a_person_is_never_on_both_sides():
    for learned, judged in folds(Y, PERSONS, 4, 0):
        assert not set(PERSONS[learned]) & set(PERSONS[judged])


def test_folds_have_like_shares_of_defaults():
    for _, judged in folds(Y, None, 4, 0):
        assert Y[judged].mean() == pytest.approx(0.25)


def test_another_seed_deals_otherwise():
    first, other = (next(folds(Y, PERSONS, 4, seed))[1] for seed in (0, 1))
    assert first.tolist() != other.tolist()


@pytest.mark.parametrize("fraction", [0.05, 0.15, 0.3, 0.4, 0.5])
@pytest.mark.parametrize("persons", [None, PERSONS])
def test_the_fraction_asked_for_is_set_apart(fraction, persons):
    learned, judged = apart(Y, persons, fraction, 0)
    assert len(judged) == pytest.approx(fraction * len(Y), abs=1 if persons is None else 5)
    assert sorted([*learned, *judged]) == list(range(len(Y)))
    assert Y[judged].mean() == pytest.approx(0.25, abs=0.03)


def test_folds_in_time_judge_what_comes_after_what_they_learned_from():
    times = np.random.default_rng(0).integers(0, 30, len(Y))
    splits = list(folds_in_time(Y, None, times, 4))
    for learned, judged in splits:
        assert times[learned].max() < times[judged].min()
    assert len(np.concatenate([judged for _, judged in splits])) > 0.7 * len(Y)


def test_folds_in_time_learn_nothing_of_the_persons_they_judge():
    times = np.random.default_rng(0).permutation(len(Y))
    for learned, judged in folds_in_time(Y, PERSONS, times, 4):
        assert not set(PERSONS[learned]) & set(PERSONS[judged])


def test_too_few_times_for_the_folds_are_an_error():
    with pytest.raises(TrainError, match="fold 1 of 4"):
        list(folds_in_time(Y, None, np.zeros(len(Y), int), 4))


def test_too_few_persons_are_an_error():
    with pytest.raises(TrainError, match="0 persons"):
        next(folds(Y, np.repeat([0, 1, 2], 80), 4, 0))
