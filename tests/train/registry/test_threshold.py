"""`python -m train.threshold`: another threshold for a registered version, without training."""

import json
import re

import mlflow
import pytest

from scoring_model.artifacts import read_threshold
from tests.train.registry.candidates import EXAMPLE, NAME, publish_small, scores
from train.evaluation.threshold import cost_curve
from train.threshold import main


@pytest.fixture
def registered(store, workplace, small_artifacts):
    publish_small(small_artifacts, workplace.export)
    return store


def loaded(version):
    return mlflow.pyfunc.load_model(f"models:/{NAME}/{version}").predict([EXAMPLE])[0]


@pytest.mark.usefixtures("registered")
def test_the_new_version_has_the_cheapest_threshold_and_the_same_scores(capsys):
    assert main(["--version", "1", "--cost-ratio", "15", "--why", "losses rise"]) == 0
    assert "version 2 is challenger, not exported" in capsys.readouterr().out
    stored = scores()
    cheapest = cost_curve(stored.clients.defaulted, 1 - stored.probability, 15.0).best
    old, new = loaded(1), loaded(2)
    assert new["threshold"] == cheapest != old["threshold"]
    assert new["solvency"] == old["solvency"]


def test_the_new_version_says_from_which_by_whom_when_and_why(registered):
    main(["--version", "1", "--threshold", "0.8", "--why", "losses rise"])
    tags = registered.get_model_version(NAME, "2").tags
    changed = re.fullmatch(r"from version 1 by .+ at 20.+: losses rise", tags["threshold_changed"])
    assert changed
    assert len(tags) <= 10
    assert tags["threshold"] == "0.8"
    assert tags["model_digest"] != registered.get_model_version(NAME, "1").tags["model_digest"]
    assert "The model of version 1" in registered.get_model_version(NAME, "2").description


def test_by_default_the_champion_stays(registered, workplace):
    main(["--version", "1", "--threshold", "0.8"])
    aliases = registered.get_registered_model(NAME).aliases
    assert {name: str(number) for name, number in aliases.items()} == {
        "champion": "1",
        "challenger": "2",
    }
    assert read_threshold(workplace.export / "best_threshold") == 0.7


def test_the_gate_promotes_a_cheaper_threshold_and_refuses_a_dearer_one(
    registered, workplace, capsys
):
    refused = ["--version", "1", "--threshold", "0.1", "--promote", "gate"]
    assert main(refused) == 0
    assert "stays challenger: business cost" in capsys.readouterr().out
    assert main([*refused, "--require-promotion"]) == 3
    export = ["--export", str(workplace.export)]
    assert main(["--version", "1", "--promote", "gate", *export]) == 0
    champion = registered.get_model_version_by_alias(NAME, "champion")
    assert str(champion.version) == "4"
    assert read_threshold(workplace.export / "best_threshold") == loaded(4)["threshold"]


def test_a_change_can_be_changed_again(registered):
    assert main(["--version", "1", "--threshold", "0.8"]) == 0
    assert main(["--version", "2", "--threshold", "0.9"]) == 0
    run = registered.get_model_version(NAME, "3").run_id
    verdict = json.loads(mlflow.artifacts.load_text(f"runs:/{run}/verdict.json"))
    assert verdict["basis"] == "out of fold, stored with version 2"
    assert loaded(3)["threshold"] == 0.9


def test_a_version_that_does_not_exist_is_one_line_and_leaves_no_run(registered, capsys):
    assert main(["--version", "9"]) == 2
    assert "credit-scoring has no version 9" in capsys.readouterr().err
    experiment = registered.get_experiment_by_name(NAME)
    assert len(registered.search_runs([experiment.experiment_id])) == 1


@pytest.mark.parametrize(
    "options", [("--version", "x"), ("--version", "1", "--threshold", "2"), ()]
)
def test_an_option_that_makes_no_sense(capsys, options):
    assert main(options) == 2
    assert "--" in capsys.readouterr().err
