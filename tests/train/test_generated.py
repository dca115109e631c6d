"""A model of generated clients says so wherever it is seen, and stays away from real ones."""

import sys

import pytest
from mlflow.tracking import MlflowClient

from sample.generate import generate
from scoring_model.artifacts import read_contract
from tests.trained import ROOT

pytestmark = pytest.mark.long


def test_a_model_of_generated_clients_says_so(workplace):
    sample = workplace.folder / "sample"
    generate(scale=0.002, out=sample, seed=0, workers=1)
    command = (sys.executable, "-m", "train", "--data", "sample", "--folds", "2")
    done = workplace.run(*command, "--threads", "1", "--promote", "always", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    exported = workplace.folder / "build/model"
    assert read_contract(exported / "contract.json").generated
    assert "generated clients" in (exported / "model_card.md").read_text()
    client = MlflowClient(workplace.tracking_uri, workplace.tracking_uri)
    champion = client.get_model_version_by_alias("credit-scoring", "champion")
    run = client.get_run(champion.run_id)
    assert champion.tags["data"] == run.data.tags["data"] == "generated"
    assert "generated sample" in run.info.run_name
    assert "generated" in run.data.tags["mlflow.note.content"]
