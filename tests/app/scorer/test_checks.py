import pytest

from app.errors import CannotStart
from app.model_folder import ModelFolder
from app.scorer.checks import asked_of


def model(checks):
    return ModelFolder("ID", [], 0.5, "m-1", checks)


def test_a_model_that_can_is_asked_for_checks_and_for_a_least_coverage_if_one_is_set():
    assert asked_of(model(True), 0.0) == {"checks": True}
    assert asked_of(model(True), 0.5) == {"checks": True, "min_coverage": 0.5}


def test_a_model_from_before_there_were_checks_is_asked_for_its_score_alone():
    assert asked_of(model(False), 0.0) == {}


def test_a_least_coverage_that_no_model_could_hold_stops_the_start():
    with pytest.raises(CannotStart, match="MIN_COVERAGE"):
        asked_of(model(False), 0.5)


def test_the_shipped_model_can_and_one_without_signature_cannot(shipped, model_folder):
    assert ModelFolder.read(shipped).checks
    assert not ModelFolder.read(model_folder).checks
