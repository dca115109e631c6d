"""Whether the scorer gives the score that its model states for an example."""

from dataclasses import replace

import pytest

from app.errors import CannotStart, ScorerUnavailable
from app.readiness import Readiness
from scoring_model.errors import InvalidRows, Problem
from scoring_model.expected import TOLERANCE, Expected

EXAMPLE = {"ID": 1, "AGE": 40}


def expecting(scorer, solvency):
    scorer.model = replace(scorer.model, expected=Expected([EXAMPLE], [solvency]))


@pytest.fixture
def readiness(scorer):
    expecting(scorer, 0.4)
    return Readiness(lambda: scorer)


def test_the_process_is_live_whatever_the_scorer_does(entry, scorer):
    scorer.fault = ScorerUnavailable()

    assert entry.ask("GET", "/health/live").json == {"status": "live"}


def test_a_scorer_that_gives_the_expected_score_is_ready(entry, scorer):
    expecting(scorer, 0.4)
    answer = entry.ask("GET", "/health/ready")

    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "model": "m-1"}


def test_one_that_fails_is_not_and_the_answer_says_when_to_try_again(entry, scorer):
    scorer.fault = ScorerUnavailable()
    answer = entry.ask("GET", "/health/ready")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_scorer_that_recovers_is_ready_again(readiness, scorer):
    assert readiness.check()
    scorer.fault = ScorerUnavailable()
    assert not readiness.check()
    scorer.fault = None
    assert readiness.check()


def test_the_expected_score_may_differ_in_its_last_bits_and_no_more(scorer):
    expecting(scorer, 0.4 + TOLERANCE / 2)
    assert Readiness(lambda: scorer).check()
    expecting(scorer, 0.4 + 2 * TOLERANCE)
    assert not Readiness(lambda: scorer).check()


@pytest.mark.parametrize(
    "extra", [{"solvency": 0.4 + TOLERANCE / 2}, {"threshold": 0.6}, {"decision": "Yes"}]
)
def test_once_ready_every_figure_must_stay_the_same_to_the_bit(readiness, scorer, extra):
    assert readiness.check()
    scorer.extra = extra
    assert not readiness.check()
    scorer.extra = {}
    assert readiness.check()


@pytest.mark.parametrize("extra", [{"solvency": float("nan")}, {"solvency": 1.5}])
def test_what_is_no_score_is_never_ready(scorer, extra):
    scorer.extra = extra

    assert not Readiness(lambda: scorer).check()


def test_another_threshold_than_the_models_own_is_not_ready(readiness, scorer):
    scorer.extra = {"threshold": 0.6}

    assert not readiness.check()


def test_a_model_without_expected_score_scores_a_client_of_its_contract(scorer):
    assert Readiness(lambda: scorer).check()
    assert scorer.table[0].keys() == {"ID", "AGE", "GENDER"}


def test_a_refused_example_is_ready_only_if_the_service_asks_for_coverage(scorer):
    expecting(scorer, 0.4)
    score = scorer.score

    def only_whole_clients(table, params):
        if any("GENDER" not in record for record in table):
            raise InvalidRows([Problem(0, None, "a coverage of at least 0.5")])
        return score(table, params)

    scorer.score = only_whole_clients
    assert not Readiness(lambda: scorer).check()
    assert Readiness(lambda: scorer, min_coverage=0.5).check()


def test_another_scorer_is_checked_against_its_own_score(readiness, scorer):
    assert readiness.check()
    other = type(scorer)(scorer.model)  # of the same version, as models without an id are
    other.extra = {"solvency": 0.75, "decision": "Yes"}
    expecting(other, 0.75)
    readiness.scorer = lambda: other

    assert readiness.check()


def test_a_new_model_must_give_its_score_before_it_serves(readiness, scorer):
    readiness.require()
    scorer.extra = {"solvency": 0.75}
    with pytest.raises(CannotStart):
        readiness.require()


def test_probes_ask_the_scorer_nothing(readiness, scorer):
    while not readiness.ready():
        pass
    calls, score = [], scorer.score
    scorer.score = lambda *asked: calls.append(asked) or score(*asked)

    assert all(readiness.ready() for _ in range(1000))
    assert len(calls) < 10
