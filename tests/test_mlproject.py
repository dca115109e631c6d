"""`mlflow run`, and what MLproject says of the commands behind it."""

from pathlib import Path

import mlflow
import pytest
from mlflow.tracking import MlflowClient

from scoring_model.artifacts import read_contract
from tests.trained import GERMAN
from tests.written_options import WRITTEN

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_what_is_made_of_the_options_is_up_to_date(path):
    assert path.read_text() == WRITTEN[path](), "run: make options"


@pytest.mark.parametrize("manager", ["local", pytest.param("uv", marks=pytest.mark.long)])
def test_mlflow_run_trains_and_registers(workplace, manager):
    parameters = {
        "data": GERMAN,
        "target": "class",
        "positive": "bad",
        "cost_ratio": "5.0",
        "exclude_price": "skip",
        "folds": 2,
        "threads": 1,
        "export": workplace.export,
    }
    options = [text for name, value in parameters.items() for text in ("-P", f"{name}={value}")]
    environments = str(workplace.folder / "environments")
    done = workplace.run(
        *("mlflow", "run", str(ROOT), "--env-manager", manager, *options),
        MLFLOW_ENV_ROOT=environments,
    )
    assert done.returncode == 0, done.stderr
    mlflow.set_tracking_uri(workplace.tracking_uri)
    client = MlflowClient()
    champion = client.get_model_version_by_alias("credit-scoring", "champion")
    assert (workplace.export / "MLmodel").exists()
    (started,) = client.search_runs(["0"])
    assert started.info.status == "FINISHED"
    assert "" not in started.data.params.values()
    experiment = client.get_experiment_by_name("credit-scoring").experiment_id
    (run,) = client.search_runs([experiment])
    assert run.info.status == "FINISHED"
    assert run.data.params["cost_ratio"] == "5.0"
    assert champion.run_id == run.info.run_id
    assert run.info.run_id in started.data.tags["mlflow.note.content"]


@pytest.mark.long
def test_mlflow_run_leaves_columns_out_and_says_what_that_costs(workplace):
    parameters = {
        "data": GERMAN,
        "target": "class",
        "positive": "bad",
        "exclude": "age, personal_status",
        "cost_ratio": 5,
        "folds": 2,
        "threads": 1,
        "export": workplace.export,
    }
    options = [text for name, value in parameters.items() for text in ("-P", f"{name}={value}")]
    done = workplace.run("mlflow", "run", str(ROOT), "--env-manager", "local", *options)
    assert done.returncode == 0, done.stderr
    contract = read_contract(workplace.export / "contract.json")
    assert not {"age", "personal_status"} & set(contract.columns)
    assert "duration" in contract.columns
    mlflow.set_tracking_uri(workplace.tracking_uri)
    champion = MlflowClient().get_model_version_by_alias("credit-scoring", "champion")
    run = MlflowClient().get_run(champion.run_id)
    metrics = run.data.metrics
    assert "exclude_business_cost_change" in metrics
    said = "leaving out age, personal_status changes AUC by "
    assert run.data.tags["exclude"].startswith(said)
    assert champion.tags["exclude"].startswith(said)
    card = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/model_card.md")
    assert f"| AUC | {metrics['exclude_auc_change']:+.4f} |" in card


@pytest.mark.long
def test_mlflow_run_passes_a_users_error_on_and_leaves_no_run_open(workplace):
    done = workplace.run(
        *("mlflow", "run", str(ROOT), "--env-manager", "local", "-P", "data=nowhere")
    )
    assert done.returncode != 0
    assert "train: nowhere does not exist" in done.stderr
    mlflow.set_tracking_uri(workplace.tracking_uri)
    (run,) = MlflowClient().search_runs(["0"])
    assert run.info.status == "FAILED"
