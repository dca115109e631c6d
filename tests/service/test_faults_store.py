"""The tracking store is gone: a model that is loaded goes on serving, and the next comes later."""

import signal
import time
from dataclasses import replace

import pytest

from tests.service.processes import until
from tests.train.registry.candidates import NAME, publish_small

CLIENT = {"SK_ID_CURR": 1, "AMT_CREDIT": 1e5, "EXT_SOURCE_2": 0.5}


@pytest.fixture
def service(store, workplace, small_artifacts, serving):  # noqa: ARG001
    publish_small(small_artifacts, workplace.export)
    with serving(
        SCORER="in-process",
        MODEL=f"models:/{NAME}@champion",
        MLFLOW_TRACKING_URI=workplace.tracking_uri,
        RELOAD_SECONDS="0.3",
    ) as service:
        yield service.ready()


def seuil(service):
    reply = service.ask("POST", "/predict_proba", {"data": CLIENT})
    assert reply.status == 200
    (score,) = reply.json()["prediction"].values()
    return score["seuil"]


@pytest.fixture
def lost(service, workplace):  # noqa: ARG001
    """A function that brings the store back, which is gone."""
    database = workplace.folder / "mlflow.db"
    away = database.rename(workplace.folder / "away.db")
    database.mkdir()  # what cannot be opened as a database, nor made anew

    def bring_back():
        database.rmdir()
        away.rename(database)

    return bring_back


@pytest.mark.usefixtures("lost")
def test_serving_goes_on_without_the_store_and_stops_like_any_other(service):
    time.sleep(1)
    assert {seuil(service) for _ in range(50)} == {0.7}
    service.process.send_signal(signal.SIGTERM)

    assert service.process.wait(30) == 0


@pytest.mark.long
def test_a_store_that_comes_back_is_looked_at_again(service, lost, workplace, small_artifacts):
    """MLflow itself tries again for more than a minute before it gives up."""
    until(lambda: service.event("model not renewed"), 300)
    lost()
    publish_small(replace(small_artifacts, threshold=0.6), workplace.export, promote="always")
    until(lambda: service.event("model renewed"))

    assert seuil(service) == 0.6


def test_a_registry_that_does_not_answer_at_the_start_is_one_line_and_exit_code_2(refused):
    environ = {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:1",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    }
    code, said = refused(MODEL=f"models:/{NAME}@champion", **environ)

    assert code == 2
    assert len(said.splitlines()) == 1
    assert f"models:/{NAME}@champion cannot be fetched" in said
