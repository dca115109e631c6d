"""A thousand clients get the same answer, byte for byte, from everything that serves the model."""

import json

import mlflow
import pytest

from tests.service import saved
from tests.service.test_mlflow_forms import JSON, served
from tests.trained import Workplace

COUNT, TOGETHER = 1000, 50


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory, small_artifacts):
    """Its folder and its version."""
    folder = tmp_path_factory.mktemp("same") / "model"
    return folder, saved.save(small_artifacts, folder, folder.with_name("scratch"))


@pytest.fixture(scope="module")
def requests():
    """The clients in twenty requests, and the first twenty once more, each alone."""
    clients = list(saved.clients(COUNT))
    groups = [clients[first : first + TOGETHER] for first in range(0, COUNT, TOGETHER)]
    return [*groups, *([client] for client in clients[:20])]


def invocations(service):
    return lambda body, kind: service.ask("POST", "/invocations", body, Content_Type=kind)


def answers(ask, requests):
    replies = [ask(json.dumps({"inputs": some}).encode(), JSON) for some in requests]
    assert {reply.status for reply in replies} == {200}
    return [reply.data for reply in replies]


def test_a_thousand_clients_get_the_same_bytes_everywhere(serving, saved_model, requests, tmp_path):
    folder, version = saved_model
    model = mlflow.pyfunc.load_model(str(folder))
    expected = [json.dumps({"predictions": model.predict(some)}).encode() for some in requests]

    with served(Workplace(tmp_path), str(folder)) as ask:
        assert answers(ask, requests) == expected
    for scorer in ("forward", "in-process"):
        with serving(SCORER=scorer, MODEL=str(folder)) as service:
            assert answers(invocations(service.ready()), requests) == expected
            assert_version(service, version)


def assert_version(service, version):
    """The body of /version is MLflow's own; the model's stands in a header, of every answer."""
    told = service.ask("GET", "/version")
    scored = service.ask("POST", "/predict", {"data": next(saved.clients(1))})

    assert told.data.decode() == mlflow.__version__
    assert told.headers["X-Model-Version"] == scored.headers["X-Model-Version"] == version
