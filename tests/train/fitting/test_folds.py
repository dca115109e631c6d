import numpy as np
import pytest

from train.errors import TooFewPersons
from train.fitting.folds import folds

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


def test_too_few_persons_are_an_error():
    with pytest.raises(TooFewPersons, match="0 persons"):
        next(folds(Y, np.repeat([0, 1, 2], 80), 4, 0))
