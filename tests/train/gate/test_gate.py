"""The gate on hand-made scores: what passes, what does not, and what it says."""

import json
from dataclasses import replace

import numpy as np
import pytest

from scoring_model.decision import accepted, solvency
from train.evaluation.clients import Clients
from train.evaluation.fairness import Grouping
from train.gate import Case, Champion, Limits, Reloaded, Scores, judge

CLIENTS = 4000


@pytest.fixture(scope="module")
def truth():
    """True probabilities of default, and outcomes drawn from them."""
    random = np.random.default_rng(7)
    probability = random.beta(1.2, 6, CLIENTS)
    return probability, (random.random(CLIENTS) < probability).astype(np.int8)


def scores(probability, threshold):
    return Scores(probability, accepted(solvency(probability), threshold))


def case(truth, challenger=None, champion=None, groupings=(), persons=None, **changes):
    probability, defaulted = truth
    ids = np.arange(len(defaulted))
    given = {
        "clients": Clients(ids, defaulted, groupings, persons=persons),
        "basis": "holdout",
        "challenger": challenger or scores(probability, 0.9),
        "champion": champion and Champion("3", champion, "given now"),
        "reloaded": Reloaded(CLIENTS, 0),
        "cost_ratio": 10.0,
    }
    return Case(**given | changes)


def verdict(case, **limits):
    return judge(case, Limits(**limits), seed=0, count=200)


def check(verdict, name):
    (found,) = (check for check in verdict.checks if check.name == name)
    return found


def noisy(truth, share):
    """Scores that know less: some clients' probabilities change places."""
    random = np.random.default_rng(1)
    probability = truth[0].copy()
    places = np.flatnonzero(random.random(CLIENTS) < share)
    probability[places] = probability[random.permutation(places)]
    return scores(probability, 0.9)


def test_the_first_version_passes_without_a_champion_to_beat(truth):
    found = verdict(case(truth))
    assert found.passed
    names = {"same_scores", "calibration", "business_cost_no_model"}
    assert {check.name for check in found.checks} == names
    assert found.why == "all 3 checks passed (no champion yet, holdout)"


def test_a_model_like_the_champion_passes(truth):
    like = scores(truth[0], 0.9)
    assert verdict(case(truth, like, like)).passed


def test_a_better_model_passes(truth):
    found = verdict(case(truth, scores(truth[0], 0.9), noisy(truth, 0.3)))
    assert found.passed
    assert check(found, "auc").low > 0


def test_a_model_that_ranks_worse_is_refused_and_told_why(truth):
    found = verdict(case(truth, noisy(truth, 0.3), scores(truth[0], 0.9)))
    auc = check(found, "auc")
    assert not found.passed
    assert auc.high < auc.limit == -0.002
    assert f"found {auc.value:.4f}" in found.why
    assert "\n" not in found.why


def test_a_threshold_that_costs_more_is_refused_though_the_scores_are_the_same(truth):
    found = verdict(case(truth, scores(truth[0], 0.5), scores(truth[0], 0.9)))
    assert check(found, "auc").passed
    assert check(found, "auc").value == 0
    assert not check(found, "business_cost").passed


def test_decisions_made_otherwise_than_at_the_threshold_are_the_ones_that_are_judged(truth):
    decided = Scores(truth[0], scores(truth[0], 0.5).lent)
    found = verdict(case(truth, decided, scores(truth[0], 0.9)))
    assert not check(found, "business_cost").passed


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_model_that_saves_nothing_against_no_model_is_refused(truth, threshold):
    found = check(verdict(case(truth, scores(truth[0], threshold))), "business_cost_no_model")
    assert not found.passed
    assert found.value >= 0


def test_a_model_that_saves_something_is_not(truth):
    found = check(verdict(case(truth)), "business_cost_no_model")
    assert found.passed
    assert found.low < found.value < found.high < found.limit == 0


def test_a_strict_gate_refuses_what_the_data_cannot_show(truth):
    probability, defaulted = (values[:150] for values in truth)
    worse = scores(noisy(truth, 0.05).probability[:150], 0.9)
    judged = case((probability, defaulted), worse, scores(probability, 0.9))
    assert check(verdict(judged), "auc").passed
    assert not check(verdict(judged, strict=True), "auc").passed
    same = case(truth, scores(truth[0], 0.9), scores(truth[0], 0.9))
    assert check(verdict(same, strict=True), "auc").passed


def test_persons_with_several_rows_widen_the_intervals(truth):
    twice = tuple(np.repeat(values, 2) for values in truth)
    persons = np.arange(2 * CLIENTS) // 2
    one, other = (
        check(verdict(case(twice, persons=known)), "business_cost_no_model")
        for known in (persons, None)
    )
    assert one.high - one.low > 1.2 * (other.high - other.low)


def test_a_tolerance_lets_a_worse_model_pass(truth):
    judged = case(truth, noisy(truth, 0.1), scores(truth[0], 0.9))
    assert not verdict(judged).passed
    assert verdict(judged, auc=0.2, cost=1.0).passed


def test_a_loss_that_may_be_chance_is_not_held_against_a_model(truth):
    probability, defaulted = (values[:150] for values in truth)
    judged = case(
        (probability, defaulted),
        scores(noisy(truth, 0.05).probability[:150], 0.9),
        scores(probability, 0.9),
    )
    found = check(verdict(judged), "auc")
    assert found.passed
    assert not found.sure
    assert found.low < -0.002 < found.high


def test_a_gross_loss_refuses_however_few_the_clients(truth):
    probability, defaulted = (values[:150] for values in truth)
    worse = scores(noisy(truth, 0.05).probability[:150], 0.9)
    found = verdict(
        case((probability, defaulted), worse, scores(probability, 0.9)), gross_auc=0.005
    )
    loss = check(found, "auc")
    assert loss.value < -0.005 < -0.002 < loss.high
    assert not loss.passed
    assert "more than 0.005 worse however few the clients" in found.why


def test_what_passes_by_the_width_of_its_interval_is_said_not_to_be_sure(truth):
    probability, defaulted = (values[:150] for values in truth)
    worse = scores(noisy(truth, 0.05).probability[:150], 0.9)
    judged = case((probability, defaulted), worse, scores(probability, 0.9))
    found = verdict(judged, cost=1.0, calibration=1.0)
    assert found.passed
    assert not check(found, "auc").sure
    assert found.why.endswith("not surely on so few clients: auc")
    assert "| auc | passed, not surely |" in found.to_markdown()
    same = verdict(case(truth, scores(truth[0], 0.9), scores(truth[0], 0.9)))
    assert check(same, "auc").sure
    assert "not surely" not in same.why


def test_a_ratio_is_never_above_one(truth):
    found = verdict(case(truth, groupings=(two_groups(),)))
    assert check(found, "acceptance_by_gender_column").high <= 1


def test_probabilities_that_are_far_off_are_refused(truth):
    found = verdict(case(truth, scores(truth[0] / 3, 0.9)))
    assert not check(found, "calibration").passed


def test_a_small_holdout_of_true_probabilities_is_not_called_badly_calibrated(truth):
    probability, defaulted = (values[:120] for values in truth)
    found = verdict(case((probability, defaulted)))
    assert check(found, "calibration").passed


def test_one_client_who_scores_otherwise_when_loaded_back_is_enough_to_refuse(truth):
    found = verdict(case(truth, reloaded=Reloaded(CLIENTS, 1)))
    assert not found.passed
    assert "1 of 4,000 clients score otherwise" in found.why


def test_a_champion_that_cannot_score_the_clients_refuses_and_says_so(truth):
    champion = Champion("3", None, "it cannot read AMT_CREDIT")
    found = verdict(replace(case(truth), champion=champion))
    assert not found.passed
    assert "champion version 3 cannot be compared with: it cannot read AMT_CREDIT" in found.why


def two_groups(attribute="gender"):
    labels = np.where(np.arange(CLIENTS) % 2, "F", "M").astype(object)
    return Grouping(attribute, "column", labels)


def unfair(truth):
    """The same probabilities, but every other client is held for riskier than they are."""
    return scores(np.where(np.arange(CLIENTS) % 2, truth[0], np.minimum(truth[0] * 3, 0.99)), 0.9)


def test_a_group_that_is_hardly_accepted_is_a_reason_to_refuse(truth):
    found = verdict(case(truth, unfair(truth), groupings=(two_groups(),)))
    assert not check(found, "acceptance_by_gender_column").passed
    assert not check(found, "calibration_by_gender_column").passed


def test_ages_may_be_accepted_unequally_but_not_more_so_than_by_the_champion(truth):
    groups = (two_groups("age"),)
    found = verdict(case(truth, unfair(truth), scores(truth[0], 0.9), groupings=groups))
    names = {check.name for check in found.checks}
    assert "acceptance_by_age_column" not in names
    assert not check(found, "acceptance_change_by_age_column").passed


def test_small_groups_are_not_compared(truth):
    labels = np.array(["M"] * (CLIENTS - 50) + ["F"] * 50, object)
    found = verdict(case(truth, groupings=(Grouping("gender", "column", labels),)))
    names = {"same_scores", "calibration", "business_cost_no_model"}
    assert {check.name for check in found.checks} == names
    assert "Not compared by gender (column)" in found.to_markdown()


def test_the_same_case_and_seed_give_the_same_verdict(truth):
    judged = case(truth, noisy(truth, 0.02), scores(truth[0], 0.9), groupings=(two_groups(),))
    assert verdict(judged) == verdict(judged)


def test_a_verdict_as_json_and_as_markdown(truth):
    found = verdict(case(truth, noisy(truth, 0.3), scores(truth[0], 0.9)))
    told = json.loads(json.dumps(found.to_dict()))
    assert told["passed"] is False
    assert told["champion"] == "3"
    assert told["limits"]["auc"] == 0.002
    assert {check["name"] for check in told["checks"]} >= {"auc", "business_cost", "calibration"}
    assert "| auc | refused |" in found.to_markdown()
