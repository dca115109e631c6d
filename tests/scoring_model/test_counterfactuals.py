"""Counterfactuals: each is scored to a Yes, and changes only what is declared, within bounds."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_model import ScoringModel, artifacts
from scoring_model.contract import Change, Contract

SEEN = {"min": 20_000.0, "max": 2_000_000.0, "median": 160_000.0, "mean": 270_000.0}
CHANGES = {
    "AMT_CREDIT": Change("both", 5000.0),
    "EXT_SOURCE_2": Change("up", 0.05),
}
BOUNDS = {"AMT_CREDIT": SEEN, "EXT_SOURCE_2": {"min": 0.0, "max": 0.97, "median": 0.5}}


def loaded(made, folder, changes):
    features = tuple(
        replace(feature, seen=BOUNDS.get(feature.name, {}), change=changes.get(feature.name))
        for feature in made.contract.features
    )
    scorer = ScoringModel()
    paths = artifacts.save(
        replace(made, contract=replace(made.contract, features=features)), folder
    )
    scorer.load_context(SimpleNamespace(artifacts=paths, model_config=None))
    return scorer


@pytest.fixture(scope="module")
def scorer(small_artifacts, tmp_path_factory):
    return loaded(small_artifacts, tmp_path_factory.mktemp("model"), CHANGES)


clients = st.fixed_dictionaries(
    {
        "SK_ID_CURR": st.just(1),
        "CODE_GENDER": st.sampled_from(["M", "F", None]),
        "AMT_CREDIT": st.none() | st.floats(1.0, 3e6),
        "OWNS_CAR": st.sampled_from([0, 1]),
        "EXT_SOURCE_2": st.none() | st.floats(0, 1),
    }
)


@settings(max_examples=150, deadline=None)
@given(client=clients, threshold=st.floats(0.05, 0.99), count=st.integers(1, 3))
def test_each_is_a_yes_within_what_training_saw(scorer, client, threshold, count):
    params = {"threshold": threshold, "counterfactuals": count}
    (answer,) = scorer.predict(None, [client], params)

    found = answer["counterfactuals"]
    assert len(found) <= (count if answer["decision"] == "No" else 0)
    for counterfactual in found:
        changes = counterfactual["changes"]
        assert 1 <= len({change["column"] for change in changes}) == len(changes) <= 2
        for change in changes:
            declared, seen = CHANGES[change["column"]], BOUNDS[change["column"]]
            assert change["from"] == client[change["column"]]
            assert seen["min"] <= change["to"] <= seen["max"]
            assert change["to"] == round(round(change["to"] / declared.step) * declared.step, 9)
            direction = 1 if change["to"] > change["from"] else -1
            assert change["to"] != change["from"]
            assert direction in declared.signs
        changed = client | {change["column"]: change["to"] for change in changes}
        (again,) = scorer.predict(None, [changed], {"threshold": threshold})
        assert again["decision"] == "Yes"
        assert again["solvency"] == counterfactual["solvency"]
    assert scorer.predict(None, [client], params) == [answer]


def refused(**columns):
    return {"SK_ID_CURR": 1, "AMT_CREDIT": 400_000.0, "EXT_SOURCE_2": 0.11, **columns}


def ask(scorer, client, threshold=0.7):
    params = {"threshold": threshold, "counterfactuals": 3}
    return scorer.predict(None, [client], params)[0]["counterfactuals"]


def test_the_smallest_of_a_change_is_found(scorer):
    steps = [round(0.05 * step, 2) for step in range(3, 20)]
    answers = scorer.predict(None, [refused(EXT_SOURCE_2=value) for value in steps])
    yes = [v for v, a in zip(steps, answers, strict=True) if a["solvency"] >= 0.7]

    alone = [
        found["changes"][0]["to"]
        for found in ask(scorer, refused())
        if [change["column"] for change in found["changes"]] == ["EXT_SOURCE_2"]
    ]

    assert alone == [yes[0]]


@pytest.mark.parametrize(
    ("client", "threshold"),
    [
        (refused(), 1.0),  # no client reaches it
        (refused(AMT_CREDIT=None, EXT_SOURCE_2=None, CODE_GENDER="M"), 0.99),  # nothing to change
    ],
)
def test_there_is_none_where_none_exists(scorer, client, threshold):
    assert ask(scorer, client, threshold) == []


def test_a_contract_without_changeable_columns_gives_none(small_artifacts, tmp_path):
    assert ask(loaded(small_artifacts, tmp_path, {}), refused()) == []


def test_only_refused_clients_have_some_and_only_on_request(scorer):
    clients = [refused(), refused(SK_ID_CURR=2, EXT_SOURCE_2=0.9)]
    answers = scorer.predict(None, clients, {"counterfactuals": 1})

    assert [len(answer["counterfactuals"]) for answer in answers] == [1, 0]
    assert "counterfactuals" not in scorer.predict(None, clients)[0]


def test_columns_that_the_caller_computes_from_a_changed_one_follow_it(small_artifacts, tmp_path):
    changes = {"EXT_SOURCE_2": Change("up", 0.05, ("AMT_CREDIT", "ABSENT"))}
    scorer = loaded(small_artifacts, tmp_path, changes)
    first = ask(scorer, refused())[0]
    (change,), (follows,) = first["changes"], first["computed"]

    assert follows["column"] == "AMT_CREDIT"
    assert follows["to"] == pytest.approx(400_000.0 * change["to"] / change["from"])
    after = refused(EXT_SOURCE_2=change["to"], AMT_CREDIT=follows["to"])
    assert scorer.predict(None, [after])[0]["solvency"] == first["solvency"]


def test_the_contract_keeps_changes(small_artifacts):
    change = Change("down", 0.5, ("B",))
    first, *others = small_artifacts.contract.features
    contract = replace(small_artifacts.contract, features=(replace(first, change=change), *others))

    assert Contract.from_json(contract.to_json()) == contract


@pytest.mark.parametrize(
    "change", [{"direction": "left", "step": 1}, {"direction": "up", "step": 0}]
)
def test_a_change_that_is_none_is_refused(change):
    with pytest.raises(ValueError):
        Change.from_dict(change)
