from dataclasses import replace

import pytest

from tests.train.made import QUICK, dataset, plan, silent
from train.fitting.search import Search, searched

SHORT = plan(patience=3, hyperparameters=replace(QUICK, n_estimators=10))


@pytest.fixture(scope="module")
def made():
    return dataset(clients=200)


def run(made, search):
    told = []
    found = searched(made, SHORT, search, silent, lambda *trial: told.append(trial))
    return found, told


def test_without_trials_the_plan_stays(made, tmp_path):
    study = tmp_path / "study.db"
    assert run(made, Search(0, study=study)) == ((SHORT, 0), [])
    assert not study.exists()


def test_a_search_goes_on_where_it_stopped(made, tmp_path):
    study = tmp_path / "study.db"
    _, first = run(made, Search(2, study=study))
    found, more = run(made, Search(4, study=study))
    assert [number for number, *_ in first + more] == [0, 1, 2, 3]
    assert run(made, Search(4, study=tmp_path / "other.db")) == (found, first + more)
    again, none = run(made, Search(4, study=study))
    assert none == []
    assert again == found


def test_the_usual_hyperparameters_are_tried_first_and_the_best_are_taken(made, tmp_path):
    (found, _), told = run(made, Search(3, study=tmp_path / "study.db"))
    assert told[0][1]["num_leaves"] == SHORT.hyperparameters.num_leaves
    best = min((trial for trial in told if trial[2] is not None), key=lambda trial: trial[2])
    assert {k: getattr(found.hyperparameters, k) for k in best[1]} == best[1]


def test_other_data_are_another_search(made, tmp_path):
    study = tmp_path / "study.db"
    run(made, Search(1, study=study))
    _, told = run(dataset(clients=200, seed=1), Search(1, study=study))
    assert len(told) == 1


def test_a_search_that_ran_out_of_time_is_one_of_as_many_trials_as_it_did(made, tmp_path):
    (found, done), told = run(made, Search(50, 0.0001, tmp_path / "study.db"))
    assert done == len(told) == 1
    assert run(made, Search(1, study=tmp_path / "other.db")) == ((found, 1), told)


def test_trials_beyond_those_asked_for_change_nothing(made, tmp_path):
    study = tmp_path / "study.db"
    first, _ = run(made, Search(2, study=study))
    run(made, Search(5, study=study))
    assert run(made, Search(2, study=study))[0] == first
