"""What tests of kept decisions share: databases, keys, a model, and the operator's commands."""

import base64
import subprocess
import sys
import uuid

import pytest

from app.auth import digest_of
from scoring_model.integrity import Manifest
from tests.ledger.conftest import server
from tests.service.conftest import PROJECT, environment
from train.registry import model_folder

__all__ = ["AUDITOR", "DESK", "SHOP", "command", "environ", "ledger", "model", "save", "server"]

KEYS = ",".join(f"{name}:{digest_of(name)}:{role}" for name, role in
                (("shop", "score"), ("desk", "review"), ("auditor", "audit")))  # fmt: skip
SHOP, DESK = {"X_API_Key": "shop"}, {"X_API_Key": "desk"}
AUDITOR = {"X_API_Key": "auditor"}


@pytest.fixture(params=["sqlite", "postgresql"])
def environ(request, tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("server").new_database(uuid.uuid4().hex)
    return {
        "DATABASE_URL": url,
        "LEDGER_KEY": base64.b64encode(bytes(32)).decode(),
        "LEDGER_SPOOL": str(tmp_path / "spool"),
        "SCORER": "in-process",
        "API_KEYS": KEYS,
    }


def save(model, folder):
    """As training does, with the params that the model takes."""
    model_folder.save(model, int, folder)
    Manifest.of(folder).write(folder)


@pytest.fixture
def model(tmp_path, small_artifacts):
    save(small_artifacts, tmp_path / "model")
    return str(tmp_path / "model")


def command(*options):
    """`credit-scoring ledger`."""
    return [sys.executable, "-m", "credit_scoring", "ledger", *map(str, options)]


def ledger(environ, *options):
    """Runs `credit-scoring ledger`."""
    options = command(*options)
    environ = environment(**environ)
    return subprocess.run(
        options, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False
    )
