"""What a training says of calibration, cost, protected attributes and reasons."""

import csv
import json
import re

import mlflow
import numpy as np
import pandas as pd
import pytest

from scoring_model import artifacts
from scoring_model.artifacts import FILES
from tests.trained import GERMAN

NAME = "credit-scoring"


@pytest.fixture
def run(tracking):
    (run,) = tracking.search_runs([tracking.get_experiment_by_name(NAME).experiment_id])
    return run


@pytest.fixture(scope="module")
def model(trained):
    paths = {name: str(trained.export / file) for name, file in FILES.items()}
    return artifacts.load(paths)


@pytest.fixture(scope="module")
def clients():
    return pd.read_csv(GERMAN).drop(columns="class").rename_axis("row").reset_index()


@pytest.fixture(scope="module")
def served(trained):
    return mlflow.pyfunc.load_model(str(trained.export))


def test_a_run_says_which_calibration_was_chosen_among_all(run, model):
    text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/tables/calibration.csv")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["method"] for row in rows] == ["none", "platt", "beta", "isotonic"]
    chosen = [row["method"] for row in rows if row["chosen"] == "True"]
    assert chosen == [model.calibration.method] == [run.data.params["calibration"]]


@pytest.fixture
def metrics(run):
    """All metrics, from the table: value and interval by name."""
    text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/tables/metrics.csv")
    rows = csv.DictReader(text.splitlines())
    ends = ("value", "low_95", "high_95")
    return {row["metric"]: [float(row[end] or "nan") for end in ends] for row in rows}


def test_calibrated_probabilities_are_not_worse_than_raw_ones(metrics):
    assert metrics["brier"][0] <= metrics["brier_uncalibrated"][0]
    assert metrics["log_loss"][0] <= metrics["log_loss_uncalibrated"][0]


def test_a_run_gives_the_interval_of_the_threshold_and_the_cost_of_no_model(run, metrics, model):
    threshold, low, high = metrics["best_threshold"]
    assert 0 < low <= threshold <= high < 1
    assert model.threshold == run.data.metrics["best_threshold"]
    assert metrics["business_cost_lend_to_all"][0] == pytest.approx(1.5)
    assert metrics["business_cost_lend_to_none"][0] == pytest.approx(0.7)


def test_a_run_names_the_protected_attributes_that_its_model_uses(run):
    assert "age (age)" in run.data.tags["protected_attributes"]


@pytest.mark.usefixtures("tracking")
def test_the_parameters_of_a_request_are_declared():
    signature = mlflow.models.get_model_info(f"models:/{NAME}@champion").signature
    declared = {param["name"]: param["default"] for param in signature.params.to_dict()}
    defaults = {"threshold": None, "reasons": 0, "checks": False, "min_coverage": None}
    later = {"lang": None, "invalid_rows": "raise", "reasons_for": "all", "counterfactuals": 0}
    assert declared == defaults | later


def test_reasons_come_through_mlflow_with_every_form_of_clients(served, clients):
    frame = served.predict(clients, params={"reasons": 3})
    records = served.predict(clients.to_dict("records"), params={"reasons": 3})
    columns = served.predict(clients.to_dict("list"), params={"reasons": 3})
    assert frame.to_dict("records") == records == columns
    assert all(1 <= len(client["reasons"]) <= 3 for client in records)
    assert json.loads(json.dumps(records)) == records


def test_without_reasons_the_answer_is_as_before(served, clients):
    plain = served.predict(clients)
    assert list(plain) == ["row", "solvency", "threshold", "decision"]
    asked = served.predict(clients, params={"reasons": 2})
    assert np.array_equal(plain["solvency"], asked["solvency"])


def test_reasons_of_another_data_set_name_its_columns_in_plain_words(served, clients):
    values = clients.to_dict("records")
    answers = served.predict(values, params={"reasons": 2})
    for client, answer in zip(values, answers, strict=True):
        for reason in answer["reasons"]:
            assert reason["code"] == reason["feature"].upper()
            assert reason["value"] == client[reason["feature"]]
            for sentence in reason["sentence"].values():
                assert reason["feature"] in sentence
                assert re.fullmatch(r"(Solvency|Le niveau de solvabilité) .+\.", sentence)


def test_a_threshold_of_the_request_turns_the_reasons(served, clients):
    for threshold, sign in ((0.0, 1), (1.0, -1)):
        answers = served.predict(
            clients.to_dict("records"), params={"reasons": 1, "threshold": threshold}
        )
        assert all(sign * r["contribution"] > 0 for a in answers for r in a["reasons"])


@pytest.mark.parametrize("count", [-1, "three"])
def test_a_number_of_reasons_that_is_none_is_refused(served, clients, count):
    with pytest.raises(mlflow.exceptions.MlflowException):
        served.predict(clients.head(1), params={"reasons": count})
