"""Whether the process answers, and whether the scorer is fit to."""

import json
from dataclasses import replace

import pytest

from app.errors import ScorerUnavailable
from app.health import Readiness
from app.scorer import Champion, Score
from scoring_model.errors import InvalidRows, Problem
from scoring_model.expected import NAME, TOLERANCE, Expected


@pytest.fixture
def client(shim, model_folder):
    (model_folder / "input_example.json").write_text(json.dumps([{"ID": 1, "AGE": 40}]))
    return shim()


def test_the_process_is_live_whatever_the_scorer_does(client, scorer):
    scorer.fault = ScorerUnavailable()

    assert client.get("/health/live").json == {"status": "live"}


def test_a_scorer_that_scores_the_example_is_ready(client):
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json["status"]) == (200, "ready")


def test_a_scorer_that_fails_is_not_ready_and_a_probe_says_when_to_come_back(client, scorer):
    scorer.fault = ScorerUnavailable()
    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert set(answer.json) == {"error", "details", "request_id"}


def test_another_score_for_the_example_than_the_pinned_one_is_not_ready(client, scorer):
    assert client.get("/health/ready").status_code == 200
    right, scorer.score = scorer.score, lambda _: [Score(0.4000001, 0.5, "No")]
    assert client.get("/health/ready").status_code == 503
    scorer.score = right
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("scores", [[], [Score(1.5, 0.5, "Yes")], [Score(float("nan"), 0.5, "No")]])
def test_what_is_no_score_is_never_pinned(client, scorer, scores):
    scorer.score = lambda _: scores

    assert client.get("/health/ready").status_code == 503


TYPICAL = {"ID": 155312, "AGE": 40.0, "GENDER": "M"}


def test_a_model_without_an_example_is_tried_on_a_client_of_its_contract(shim, scorer):
    assert shim().get("/health/ready").status_code == 200
    assert scorer.records == [TYPICAL]


def test_so_is_one_that_refuses_its_example(client, scorer):
    score = scorer.score

    def only_whole_clients(records):
        if any("GENDER" not in record for record in records):
            raise InvalidRows([Problem(0, None, "a coverage of at least 1")])
        return score(records)

    scorer.score = only_whole_clients
    assert client.get("/health/ready").status_code == 200
    assert scorer.records == [TYPICAL]


def test_a_new_version_is_pinned_anew(client, scorer):
    assert client.get("/health/ready").status_code == 200
    scorer.model = replace(scorer.model, version="m-2")
    scorer.score = lambda _: [Score(0.75, 0.5, "Yes")]

    assert client.get("/health/ready").json == {"status": "ready", "model": "m-2"}


def test_an_example_that_changes_under_the_same_version_does_not_matter(
    client, scorer, model_folder
):
    assert client.get("/health/ready").status_code == 200
    (model_folder / "input_example.json").write_text(json.dumps([{"ID": 2, "AGE": 41}]))

    assert client.get("/health/ready").status_code == 200
    assert scorer.records == [{"ID": 1, "AGE": 40}]


@pytest.mark.usefixtures("client")
def test_a_watched_scorer_is_asked_by_no_probe(scorer, model_folder, monkeypatch):
    readiness = Readiness(Champion(scorer), model_folder)
    monkeypatch.setattr("app.health.CHECK_SECONDS", 3600)
    readiness.watch()
    while not readiness.ready():
        pass
    scorer.records = None

    assert all(readiness.ready() for _ in range(1000))
    assert scorer.records is None


@pytest.fixture
def told(shim, model_folder):
    """A function: what the model said of its example at training, environment -> the client."""

    def start(solvency, **environ):
        expected = Expected([{"ID": 1, "AGE": 40}], [solvency])
        (model_folder / NAME).write_text(expected.to_json())
        return shim(**environ)

    return start


def test_the_score_of_training_is_ready_also_if_its_last_bits_differ(told):
    assert told(0.4).get("/health/ready").status_code == 200
    assert told(0.4 + TOLERANCE / 2).get("/health/ready").status_code == 200


def test_any_other_is_not_though_it_be_the_first_that_this_process_saw(told, scorer):
    client = told(0.4 + 2 * TOLERANCE)
    assert client.get("/health/ready").status_code == 503
    right = scorer.score
    scorer.score = lambda _: [Score(0.4 + 2 * TOLERANCE, 0.5, "No")]
    assert client.get("/health/ready").status_code == 200
    scorer.score = right
    assert client.get("/health/ready").status_code == 503


@pytest.mark.parametrize(
    "scores",
    [
        [],
        [Score(0.4, 0.5, "No")] * 2,
        [Score(0.4, 0.6, "No")],
        [Score(float("nan"), 0.5, "No")],
    ],
    ids=["none", "two", "another threshold", "no number"],
)
def test_nor_is_what_is_no_such_score(told, scorer, scores):
    client = told(0.4)
    scorer.score = lambda _: scores

    assert client.get("/health/ready").status_code == 503


def test_a_refused_example_is_not_ready_unless_the_service_refuses_clients(told, scorer):
    score = scorer.score

    def only_whole_clients(records):
        if any("GENDER" not in record for record in records):
            raise InvalidRows([Problem(0, None, "a coverage of at least 0.5")])
        return score(records)

    scorer.score = only_whole_clients
    assert told(0.4).get("/health/ready").status_code == 503
    assert told(0.4, MIN_COVERAGE="0.5").get("/health/ready").status_code == 200
