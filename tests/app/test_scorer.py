"""What the service asks of a model, and how it reads what the model reports."""

from dataclasses import replace

import pytest

from app.errors import CannotStart, ScorerFailed, UnreadableInput
from app.model_folder import ModelFolder
from app.scorer import InProcess, check_min_coverage, rows_of, scoring_params
from scoring_model.errors import InvalidRows, Problem


@pytest.fixture
def model(model_folder):
    return ModelFolder.read(model_folder)


@pytest.mark.parametrize(
    ("asked", "least", "expected"),
    [({}, 0.0, None), ({}, 0.5, 0.5), ({"min_coverage": 0.2}, 0.5, 0.5),
     ({"min_coverage": 0.7}, 0.5, 0.7), ({"min_coverage": 0.7}, 0.0, 0.7)],
)  # fmt: skip
def test_the_higher_of_the_two_least_coverages_holds(model, asked, least, expected):
    assert scoring_params(model, asked, least, checks=False).get("min_coverage") == expected


def test_checks_are_asked_for_where_the_answer_shows_them(model):
    assert scoring_params(model, {"checks": False}, 0.0, checks=True)["checks"] is True
    assert "checks" not in scoring_params(model, {}, 0.0, checks=False)


def test_a_model_of_an_earlier_release_is_asked_for_what_it_declares_alone(model):
    old = replace(model, params=frozenset({"threshold"}))

    assert scoring_params(old, {"threshold": 0.4}, 0.5, checks=True) == {"threshold": 0.4}
    with pytest.raises(CannotStart, match="MIN_COVERAGE"):
        check_min_coverage(old, 0.5)
    check_min_coverage(old, 0.0)


def test_reported_problems_become_their_errors():
    invalid = InvalidRows([Problem(3, "AGE", "a number", "SECRET")])
    with pytest.raises(InvalidRows) as caught:
        rows_of([invalid.report()])
    assert caught.value.details == invalid.details

    with pytest.raises(UnreadableInput) as caught:
        rows_of([{"invalid_input": "SECRET"}])
    assert "SECRET" not in str(caught.value)
    with pytest.raises(ScorerFailed):
        rows_of([{"score": 1}])
    assert rows_of([]) == []


def test_a_model_that_cannot_be_loaded_stops_the_start(model_folder):
    with pytest.raises(CannotStart, match="cannot be loaded"):
        InProcess(model_folder)
