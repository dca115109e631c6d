"""One training with every option that says how to estimate and what to fit."""

import csv

import mlflow
import numpy as np
import pyarrow.csv as pc
import pytest

from scoring_model import artifacts
from scoring_model.contract import Change
from tests.train.made import table
from train.__main__ import main


@pytest.fixture
def run(workplace, store):
    """The training's run; its trials are runs inside it."""
    persons, days = np.arange(600) // 2, np.arange(600) % 97
    clients = table(clients=600, columns=12, person=persons, day=days)
    pc.write_csv(clients, workplace.folder / "clients.csv")
    options = {
        "data": "clients.csv",
        "id": "id",
        "target": "y",
        "folds": 2,
        "repeats": 2,
        "holdout": 0.25,
        "time-column": "day",
        "group": "person",
        "max-features": 5,
        "monotone": "c0:+1",
        "changeable": "c0:down:0.5",
        "trials": 2,
        "study": "study.db",
        "threads": 1,
        "export": workplace.export,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    assert main([*words]) == 0
    (experiment,) = (e for e in store.search_experiments() if e.name == "credit-scoring")
    runs = store.search_runs([experiment.experiment_id])
    (parent,) = (run for run in runs if "mlflow.parentRunId" not in run.data.tags)
    trials = [run for run in runs if run is not parent]
    assert [trial.data.tags["mlflow.parentRunId"] for trial in trials] == [parent.info.run_id] * 2
    assert all("num_leaves" in trial.data.params for trial in trials)
    return parent


def test_a_training_with_every_option(run, workplace):
    text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/tables/metrics.csv")
    rows = {row["metric"]: row for row in csv.DictReader(text.splitlines())}
    metrics = {name: float(row["value"]) for name, row in rows.items()}
    for name in ("auc", "business_cost", "brier", "log_loss", "accuracy", "holdout_auc"):
        assert float(rows[name]["low_95"]) <= metrics[name] <= float(rows[name]["high_95"])
    judged = ("true_positives", "false_positives", "true_negatives", "false_negatives")
    learned = sum(metrics[name] for name in judged)
    aside = sum(metrics[f"holdout_{name}"] for name in judged)
    assert learned + aside == 600
    assert aside >= 150
    contract = artifacts.read_contract(workplace.export / "contract.json")
    changeable = {feature.name: feature.change for feature in contract.features if feature.change}
    assert changeable == {"c0": Change("down", 0.5)}
    assert {"c0", "c1"} <= set(contract.columns) <= {f"c{number}" for number in range(12)}
    assert len(contract.columns) <= 5
    assert (workplace.folder / "study.db").exists()
