"""A service is ready if its scorer says of the model's example what the model said at training."""

import time
from dataclasses import replace

import pytest

from scoring_model.decision import Calibration
from scoring_model.expected import NAME, Expected
from scoring_model.integrity import Manifest
from tests.service import saved
from tests.service.processes import until

CHECKS = 3
"""Seconds, and so checks, for which an answer must stay what it is."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def right(home, small_artifacts):
    saved.save(small_artifacts, home / "right", home / "scratch")
    return home / "right"


def put(folder, expected):
    (folder / NAME).write_text(expected.to_json())
    Manifest.of(folder).write(folder)


def stays(service, status):
    until(lambda: service.accepts().status("/ping") == 200)
    end = time.monotonic() + CHECKS
    while time.monotonic() < end:
        if service.ask("GET", "/health/ready").status != status:
            return False
        time.sleep(0.2)
    return service.ask("POST", "/predict", {"data": next(saved.clients(1))}).status == 200


def test_a_scoring_server_with_another_model_than_the_shim_is_never_ready(
    serving, right, home, small_artifacts
):
    another = replace(small_artifacts, calibration=Calibration("platt", (1.0, 1.0, 0.001)))
    saved.save(another, home / "another", home / "more scratch")
    with serving(SCORER="in-process", MODEL=str(right)) as server:
        server.ready()
        with serving(SCORER_URL=server.url, MODEL=str(right)) as shim:
            until(lambda: shim.ask("GET", "/health/ready").status == 200)
        with serving(SCORER_URL=server.url, MODEL=str(home / "another")) as shim:
            assert stays(shim, 503)


def test_a_model_that_does_not_score_as_at_training_is_never_ready(serving, right):
    expected = Expected.from_json((right / NAME).read_text())
    (solvency,) = expected.solvencies
    try:
        put(right, replace(expected, solvencies=[solvency + 1e-9]))
        with serving(SCORER="in-process", MODEL=str(right)) as service:
            assert stays(service, 503)
    finally:
        put(right, expected)
