"""A tracking server that dies while a training needs it: no model is lost or half registered."""

import sys
import time

import mlflow
import pytest
from mlflow.tracking import MlflowClient

from tests.train.served import Server, small_workplace, started, wait_for

HASTY = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1"}

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
    ("name", "file"), [("while-fitting", None), ("while-logging", "verdict.json")]
)
def test_a_server_that_dies_costs_no_training(server, name, file):
    before = logged(server, file or "*")
    training = started(server.workplace, server.uri, "--name", name, "--experiment", name, **HASTY)
    wait_for(training, "fitting fold 1")
    while file and logged(server, file) == before:
        assert training.poll() is None, "the training ended too early"
        time.sleep(0.001)
    server.kill()
    errors = training.communicate(timeout=200)[1]
    assert training.returncode == 2, errors
    assert "Traceback" not in errors
    last = errors.splitlines()[-1]
    assert last.startswith("train: ")
    assert "python -m train.resume kept/" in last

    server.start()
    client = MlflowClient(server.uri, server.uri)
    assert client.search_model_versions(f"name='{name}'") == []
    resume = last.partition("python -m ")[2].split()
    done = server.workplace.run(sys.executable, "-m", *resume, MLFLOW_TRACKING_URI=server.uri)
    assert done.returncode == 0, done.stderr
    champion = client.get_model_version_by_alias(name, "champion")
    experiment = client.get_experiment_by_name(name).experiment_id
    (run,) = client.search_runs([experiment])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["auc"] > 0.6
    model = mlflow.models.Model.load(str(server.workplace.folder / "champion"))
    assert f"models:/{model.model_id}" == champion.source
    assert not (server.workplace.folder / "kept").exists()


def test_a_server_that_is_back_soon_costs_nothing(server):
    name = "back-soon"
    training = started(server.workplace, server.uri, "--name", name, "--experiment", name)
    wait_for(training, "fitting fold 1")
    server.kill()
    server.start()
    errors = training.communicate(timeout=200)[1]
    assert training.returncode == 0, errors
    client = MlflowClient(server.uri, server.uri)
    assert client.get_model_version_by_alias(name, "champion")
