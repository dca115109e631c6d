"""A tracking server that dies while a model is trained: nothing is lost or half registered."""

import sys
import time

import mlflow
import pytest
from mlflow.tracking import MlflowClient

from tests.train.served import Server, small_workplace, started, wait_for

HASTY = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1"}
WHOLE = {"gate", "gate.why", "model_digest", "promote", "target"}


pytestmark = pytest.mark.long  # a server takes many seconds to start


@pytest.fixture(scope="module")
def server(tmp_path_factory, blank):
    server = Server(small_workplace(tmp_path_factory.mktemp("served"), blank))
    server.start()
    yield server
    server.kill()


def logged(server, file):
    return len([*server.artifacts.rglob(file)])


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("while-fitting", None),
        ("while-logging", "MLmodel"),
        ("before-registering", "verdict.json"),
    ],
)
def test_a_server_that_dies_costs_no_training(server, name, file):
    before = logged(server, file or "*")
    training = started(server.workplace, server.uri, "--name", name, "--experiment", name, **HASTY)
    wait_for(training, "fitting fold 1")
    while file and logged(server, file) == before:
        assert training.poll() is None, "the training ended too early"
        time.sleep(0.001)
    server.kill()
    errors = training.communicate(timeout=100)[1]
    assert training.returncode == 2, errors
    assert "the tracking server does not answer: trying once more" in errors
    assert "Traceback" not in errors
    last = errors.splitlines()[-1]
    assert last.startswith(f"train: the tracking store {server.uri} has failed: the server does")
    assert "; the trained model is kept, python -m train.resume kept/" in last

    server.start()
    client = MlflowClient(server.uri, server.uri)
    assert client.search_model_versions(f"name='{name}'") == []
    resume = last.partition("python -m ")[2].partition(" hands")[0].split()
    done = run(server, *resume)
    assert done.returncode == 0, done.stderr
    assert "was left open by a training that was killed: closed" in done.stderr
    champion = client.get_model_version_by_alias(name, "champion")
    assert champion.tags.keys() >= WHOLE
    experiment = client.get_experiment_by_name(name).experiment_id
    runs = client.search_runs([experiment], order_by=["attributes.start_time"])
    assert [found.info.status for found in runs] == ["KILLED", "FINISHED"]
    assert runs[1].data.tags["trained_in_run"] == runs[0].info.run_id
    assert runs[1].data.metrics["auc"] > 0.6
    model = mlflow.models.Model.load(str(server.workplace.folder / "champion"))
    assert f"models:/{model.model_id}" == champion.source
    assert not (server.workplace.folder / "kept").exists()


def run(server, *command):
    return server.workplace.run(sys.executable, "-m", *command, MLFLOW_TRACKING_URI=server.uri)


def test_a_server_that_is_back_soon_costs_nothing(server):
    name = "back-soon"
    training = started(server.workplace, server.uri, "--name", name, "--experiment", name)
    wait_for(training, "fitting fold 1")
    server.kill()
    wait_for(training, "the tracking server does not answer: trying for some 4 minutes more")
    server.start()
    errors = training.communicate(timeout=200)[1]
    assert training.returncode == 0, errors
    client = MlflowClient(server.uri, server.uri)
    assert client.get_model_version_by_alias(name, "champion")
    experiment = client.get_experiment_by_name(name).experiment_id
    assert [found.info.status for found in client.search_runs([experiment])] == ["FINISHED"]
