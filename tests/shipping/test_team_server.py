"""A team's tracking server: PostgreSQL, proxied artifacts and passwords, and only three variables
that a data scientist sets.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.ledger import postgresql
from tests.service.conftest import Service
from tests.service.processes import until
from tests.train.served import small_workplace

pytestmark = [
    pytest.mark.process,
    pytest.mark.long,
    pytest.mark.skipif(not postgresql.binaries(), reason="needs PostgreSQL"),
]

ADMIN, PASSWORD = "admin", "a-password-of-this-test"


@pytest.fixture(scope="module")
def database():
    server = postgresql.Server(postgresql.binaries())
    yield server
    server.stop()


@pytest.fixture(scope="module")
def team(tmp_path_factory, database):
    """The variables that make MLflow use the server."""
    folder = tmp_path_factory.mktemp("team")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    urls = {
        name: database.new_database(name).replace("postgres://", "postgresql+psycopg://")
        for name in ("mlflow", "passwords")
    }
    (folder / "auth.ini").write_text(
        f"[mlflow]\ndefault_permission = READ\ndatabase_uri = {urls['passwords']}\n"
        f"admin_username = {ADMIN}\nadmin_password = {PASSWORD}\n"
        "auth_cache_ttl_seconds = 60\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth"),
                *("--host", "127.0.0.1", "--port", str(port), "--workers", "2"),
                *("--backend-store-uri", urls["mlflow"]),
                *("--artifacts-destination", folder / "artifacts"),
            ],
            cwd=folder,
            env=os.environ
            | {
                "MLFLOW_AUTH_CONFIG_PATH": str(folder / "auth.ini"),
                "MLFLOW_FLASK_SERVER_SECRET_KEY": "a secret of this test",
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    uri = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return urllib.request.urlopen(f"{uri}/health", timeout=5).status == 200
        except OSError:
            assert server.poll() is None, (folder / "log").read_text()

    try:
        until(answers, 240)
        yield {
            "MLFLOW_TRACKING_URI": uri,
            "MLFLOW_TRACKING_USERNAME": ADMIN,
            "MLFLOW_TRACKING_PASSWORD": PASSWORD,
        }
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scientist")
    (folder / "none").mkdir()
    (folder / "none/mlflow.db").touch()
    found = small_workplace(folder, folder / "none/mlflow.db")
    shutil.rmtree(folder / "none")
    (folder / "mlflow.db").unlink()
    return found


def train(workplace, team, seed):
    return workplace.train(
        *("--data", "clients.csv", "--id", "id", "--target", "y", "--folds", "2"),
        *("--seed", seed, "--promote", "always"),
        **team,
    )


def test_without_the_password_nothing_is_trained(workplace, team):
    done = train(workplace, team | {"MLFLOW_TRACKING_PASSWORD": "wrong"}, "0")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_train_promote_serve_and_roll_back_need_only_the_variables(workplace, team, tmp_path):
    first, second = (train(workplace, team, seed) for seed in "01")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert not (workplace.folder / "mlflow.db").exists()
    assert not (workplace.folder / "mlruns").exists()

    settings = {"MODEL": "models:/credit-scoring@champion", "SCORER": "in-process"}
    service = Service(tmp_path / "log", team | settings | {"RELOAD_SECONDS": "1"})
    try:
        before = service.ready().ask("GET", "/health/ready").json()["model"]
        scored = service.ask("POST", "/predict", {"data": {"id": 1, "c0": 0.5, "c1": 1.0}})
        assert scored.status == 200
        back = workplace.run(sys.executable, "-m", "train.rollback", "--export", "champion", **team)
        assert back.returncode == 0, back.stderr
        until(lambda: service.ask("GET", "/health/ready").json()["model"] != before)
    finally:
        service.stop()
    exported = (workplace.folder / "champion/MLmodel").read_text()
    assert f"model_id: {before}" not in exported

    batch = workplace.run(
        *(sys.executable, "-m", "train.score", "--data", "clients.csv", "--out", "scores.csv"),
        **team,
    )
    assert batch.returncode == 0, batch.stderr
    assert len((workplace.folder / "scores.csv").read_text().splitlines()) == 201
