"""What would have led to a Yes comes alike, byte for byte, from both forms of the scorer."""

import json
from dataclasses import replace

import pytest

from scoring_model.contract import Change
from tests.service import saved
from train.registry import model_folder

SEEN = {
    "AMT_CREDIT": {"min": 1000.0, "max": 2e6, "median": 160_000.0, "mean": 2e5, "missing": 0.0},
    "EXT_SOURCE_2": {"min": 0.0, "max": 1.0, "median": 0.5, "mean": 0.5, "missing": 0.0},
}
CHANGES = {"AMT_CREDIT": Change("both", 5000.0), "EXT_SOURCE_2": Change("up", 0.05)}


@pytest.fixture
def changeable(small_artifacts, tmp_path):
    """The folder of the small model, some of whose inputs a client can change."""
    features = tuple(
        replace(feature, seen=SEEN.get(feature.name, {}), change=CHANGES.get(feature.name))
        for feature in small_artifacts.contract.features
    )
    contract = replace(small_artifacts.contract, features=features)
    folder = tmp_path / "model"
    model_folder.save(replace(small_artifacts, contract=contract), int, folder)
    model_folder.finish(folder, "# A card")
    return folder


def test_counterfactuals_are_the_same_bytes_in_both_forms(serving, changeable):
    clients, params = list(saved.clients(30)), {"counterfactuals": 3, "lang": "fr"}
    asked = {
        "/predict": {"data": clients, "params": params},
        "/predict_proba": {"data": clients[:1], "params": params},
        "/invocations": {"inputs": clients, "params": params},
    }
    answers = []
    for scorer in ("forward", "in-process"):
        with serving(SCORER=scorer, MODEL=str(changeable)) as service:
            service.ready()
            answers.append([service.ask("POST", path, body).data for path, body in asked.items()])

    assert answers[0] == answers[1]
    predicted = json.loads(answers[0][0])
    refused = {client for client, decision in predicted["prediction"].items() if decision == "No"}
    assert predicted["counterfactuals"].keys() <= refused
    assert any(len(found) > 1 for found in predicted["counterfactuals"].values())
