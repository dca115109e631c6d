"""`python -m train` from a file to a registered, exported champion."""

import csv
import json
import re

import mlflow
import pyarrow.parquet as pq
import pytest
from mlflow.tracking import MlflowClient

from scoring_model import artifacts
from scoring_model import expected as expectation
from scoring_model.artifacts import FILES
from scoring_model.expected import Expected
from scoring_model.integrity import Manifest
from tests.trained import GERMAN

NAME = "credit-scoring"
COST_RATIO = 5


@pytest.fixture
def run(tracking):
    experiment = tracking.get_experiment_by_name(NAME)
    (run,) = tracking.search_runs([experiment.experiment_id])
    return run


def test_a_run_is_finished_and_records_its_parameters(run):
    assert run.info.status == "FINISHED"
    assert run.data.params["data"] == str(GERMAN)
    assert float(run.data.params["cost_ratio"]) == COST_RATIO
    assert run.data.params["folds"] == "2"
    assert {"rounds", "num_leaves", "learning_rate", "columns"} <= set(run.data.params)
    assert not {"seed", "promote"} & set(run.data.params)  # not given
    assert "" not in run.data.params.values()


def test_a_run_is_named_and_described_by_its_data_and_result(run, tracking):
    auc = f"{run.data.metrics['auc']:.3f}".lstrip("0")
    assert run.info.run_name == f"AUC {auc}, german.csv, 1,000 clients"
    assert "business cost per client" in run.data.tags["mlflow.note.content"]
    ours = [name for name in run.data.tags if not name.startswith("mlflow.")]
    assert len(ours) <= 10
    experiment = tracking.get_experiment(run.info.experiment_id)
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"


def test_a_run_shows_each_fold_and_the_learning_curve_as_steps(run, tracking):
    folds = tracking.get_metric_history(run.info.run_id, "fold_auc")
    assert [metric.step for metric in folds] == [1, 2]
    curve = tracking.get_metric_history(run.info.run_id, "learning_curve")
    assert len(curve) > 10
    assert curve[-1].value < curve[0].value


def test_a_run_holds_all_metrics_in_a_table_and_they_agree_with_each_other(run):
    text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/tables/metrics.csv")
    rows = {row["metric"]: row for row in csv.DictReader(text.splitlines())}
    assert float(rows["auc"]["low_95"]) < run.data.metrics["auc"] < float(rows["auc"]["high_95"])
    metrics = {name: float(row["value"]) for name, row in rows.items()}
    yes = metrics["true_negatives"] + metrics["false_negatives"]
    no = metrics["false_positives"] + metrics["true_positives"]
    assert yes + no == 1000
    cost = (COST_RATIO * metrics["false_negatives"] + metrics["false_positives"]) / 1000
    assert metrics["business_cost"] == pytest.approx(cost)
    assert metrics["business_cost"] < metrics["business_cost_lend_to_all"] == pytest.approx(1.5)
    assert metrics["accepted_share"] == pytest.approx(yes / 1000)
    accuracy = (metrics["true_positives"] + metrics["true_negatives"]) / 1000
    assert metrics["accuracy"] == pytest.approx(accuracy)


def test_the_model_learns_something_of_the_german_clients_and_not_more_than_there_is(run):
    assert 0.74 < run.data.metrics["auc"] < 0.83
    assert 0.14 < run.data.metrics["brier"] < 0.19


def test_a_run_names_its_data_with_a_digest(run):
    (data,) = run.inputs.dataset_inputs
    assert data.dataset.name == "german.csv"
    assert len(data.dataset.digest) >= 8
    columns = json.loads(data.dataset.schema)["mlflow_colspec"]
    assert len(columns) == 20


def test_a_run_holds_its_plots(run, tracking):
    plots = {artifact.path for artifact in tracking.list_artifacts(run.info.run_id, "plots")}
    shown = ("roc", "calibration", "cost", "scores", "confusion", "importance", "fairness")
    assert plots == {f"plots/{name}.png" for name in shown}


def test_the_model_is_registered_as_champion(tracking, run):
    champion = tracking.get_model_version_by_alias(NAME, "champion")
    assert int(champion.version) == 1
    (output,) = run.outputs.model_outputs
    assert champion.source == f"models:/{output.model_id}"


@pytest.mark.usefixtures("tracking")
def test_the_logged_model_has_no_input_schema_but_an_example_and_its_outputs():
    model = mlflow.models.get_model_info(f"models:/{NAME}@champion")
    assert model.signature.inputs is None
    outputs = ["row", "solvency", "threshold", "decision"]
    assert model.signature.outputs.input_names() == outputs
    assert model.signature.params.to_dict()[0]["name"] == "threshold"
    assert model.saved_input_example_info is not None


@pytest.mark.usefixtures("tracking")
def test_the_export_scores_as_the_registered_champion_does(trained):
    with GERMAN.open() as file:
        clients = [
            {"row": number, **_typed(row)} for number, row in enumerate(csv.DictReader(file))
        ]
    exported = mlflow.pyfunc.load_model(str(trained.export)).predict(clients)
    registered = mlflow.pyfunc.load_model(f"models:/{NAME}@champion").predict(clients)
    assert exported == registered
    assert {client["decision"] for client in exported} == {"Yes", "No"}


def test_the_export_says_what_it_must_say_of_its_example(trained):
    assert expectation.NAME in Manifest.read(trained.export).files
    expected = Expected.from_json((trained.export / expectation.NAME).read_text())
    assert expected.clients == json.loads((trained.export / "input_example.json").read_text())
    answers = mlflow.pyfunc.load_model(str(trained.export)).predict(expected.clients)
    assert [answer["solvency"] for answer in answers] == expected.solvencies


def test_the_exported_folder_is_flat_and_tells_nothing_of_the_machine_that_made_it(trained):
    names = {path.name for path in trained.export.iterdir()}
    expected = {"MLmodel", "code", *FILES.values()}
    assert expected | {"conda.yaml", "python_env.yaml", "requirements.txt"} <= names
    kinds = {"", ".yaml", ".json", ".py"}
    files = [p for p in trained.export.rglob("*") if p.is_file() and p.suffix in kinds]
    assert not [file for file in files if str(trained.folder.parents[2]) in file.read_text()]


def test_rows_without_an_id_are_numbered(trained):
    contract = artifacts.read_contract(trained.export / "contract.json")
    assert contract.id == "row"
    assert "class" not in contract.columns


def test_a_column_of_yes_and_no_keeps_its_words(trained):
    contract = artifacts.read_contract(trained.export / "contract.json")
    (feature,) = (f for f in contract.features if f.name == "foreign_worker")
    assert feature.categories == ("no", "yes")


def test_the_same_data_and_seed_give_the_same_model(trained, workplace, german_options):
    done = workplace.train(*german_options, "--folds", "2")
    assert done.returncode == 0, done.stderr
    for file in FILES.values():
        assert (workplace.export / file).read_bytes() == (trained.export / file).read_bytes()
    digests = set()
    for place in (workplace, trained):
        client = MlflowClient(place.tracking_uri)
        digests.add(client.get_model_version_by_alias(NAME, "champion").tags["model_digest"])
    assert len(digests) == 1


def _typed(row):
    return {k: float(v) if v.isdigit() else v for k, v in row.items() if k != "class"}


def test_a_run_keeps_the_evidence_that_a_later_decision_needs(run, tracking):
    kept = {artifact.path for artifact in tracking.list_artifacts(run.info.run_id)}
    files = {"verdict.json", "model_card.md", "model_card.html", "tables"}
    assert kept >= files | {"out_of_fold.parquet", "environment.txt"}


def test_a_run_records_what_it_came_from(run):
    assert "-m train --export" in run.data.tags["command"]
    assert re.fullmatch(r"[0-9a-f]{40}\+?|none", run.data.tags["git_commit"])
    verdict = mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/verdict.json")
    assert verdict["provenance"]["platform"]


def test_the_first_version_passed_the_gate_and_says_on_whom(tracking, run):
    version = tracking.get_model_version_by_alias(NAME, "champion")
    for tags in (version.tags, run.data.tags):
        assert tags["gate"] == "passed"
        assert re.fullmatch(r"[0-9a-f]{64}", tags["model_digest"])
    verdict = mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/verdict.json")
    checks = {check["name"]: check for check in verdict["checks"]}
    assert checks["same_scores"]["value"] == 0
    assert verdict["basis"].startswith("out of fold")
    assert "# Model card: credit-scoring" in version.description
    assert len(version.tags) <= 10


def test_the_stored_scores_are_those_that_the_metrics_are_of(run, tracking, tmp_path):
    path = tracking.download_artifacts(run.info.run_id, "out_of_fold.parquet", str(tmp_path))
    stored = pq.read_table(path).to_pandas()
    assert {"id", "outcome", "probability"} <= set(stored)
    brier = ((stored["probability"] - stored["outcome"]) ** 2).mean()
    assert brier == pytest.approx(run.data.metrics["brier"])
