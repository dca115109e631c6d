"""Two whole trainings at once: one promotes, the other says why not, both have all evidence."""

import os
import signal
import sys

import mlflow
import pytest
from mlflow.tracking import MlflowClient

from tests.train.served import QUICK, Server, small_workplace, started, wait_for

NAME = "credit-scoring"
WHOLE = {"gate", "gate.why", "model_digest", "threshold"}


@pytest.fixture(
    params=["a database file", pytest.param("a server", marks=pytest.mark.long)],
)
def place(request, tmp_path, blank):
    """Where to train, and the address of the tracking store."""
    workplace = small_workplace(tmp_path, blank)
    if request.param == "a database file":
        yield workplace, workplace.tracking_uri
        return
    server = Server(workplace)
    server.start()
    yield workplace, server.uri
    server.kill()


def race(workplace, uri, policy):
    """Both are fitting, and have read who is champion, before either goes on."""
    racers = [started(workplace, uri, "--promote", policy) for _ in range(2)]
    for racer in racers:
        wait_for(racer, "fitting fold 1")
        os.kill(racer.pid, signal.SIGSTOP)
    for racer in racers:
        os.kill(racer.pid, signal.SIGCONT)
    said = [racer.communicate(timeout=200)[0] for racer in racers]
    return sorted(zip([racer.returncode for racer in racers], said, strict=True))


def run(workplace, uri, *module):
    return workplace.run(sys.executable, "-m", *module, MLFLOW_TRACKING_URI=uri)


@pytest.mark.long
@pytest.mark.parametrize("policy", ["gate", "always"])
def test_of_two_trainings_at_once_one_promotes_and_its_model_is_exported(place, policy):
    workplace, uri = place
    first = run(workplace, uri, "train", *QUICK)
    assert first.returncode == 0, first.stderr
    results = race(workplace, uri, policy)
    assert [code for code, _ in results] == [0, 0], results
    lost = [said for _, said in results if "stays challenger" in said]
    assert len(lost) == 1
    assert "the champion has changed" in lost[0]
    assert "from version 1 to version 2" in lost[0]

    client = MlflowClient(uri, uri)
    (model,) = client.search_registered_models()
    assert {alias: str(number) for alias, number in model.aliases.items()} == {
        "champion": "2",
        "challenger": "3",
    }
    versions = client.search_model_versions(f"name='{NAME}'")
    assert len(versions) == 3
    assert all(version.tags.keys() >= WHOLE and version.description for version in versions)
    experiment = client.get_experiment_by_name(NAME).experiment_id
    runs = client.search_runs([experiment])
    assert [run.info.status for run in runs] == ["FINISHED"] * 3
    assert exported(workplace) == client.get_model_version(NAME, "2").source
    left = {path.name for path in workplace.folder.iterdir() if path.name.startswith(".")}
    assert not left
    assert not (workplace.folder / "kept").exists()

    done = run(workplace, uri, "train.rollback", "--export", "champion")
    assert "version 1 is champion again instead of 2" in done.stdout, done.stderr
    assert exported(workplace) == client.get_model_version(NAME, "1").source


def exported(workplace):
    return f"models:/{mlflow.models.Model.load(str(workplace.export)).model_id}"
