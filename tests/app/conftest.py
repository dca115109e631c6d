"""A service with a hand-written scorer behind it: nothing here loads a model or opens a port."""

import json

import pytest

from app import create_app
from app.flask_app import create_service
from app.model_folder import ModelFolder
from app.settings import Settings
from tests.app.caller import ENTRIES

CONTRACT = {
    "id": "ID",
    "features": [
        {"name": "AGE", "kind": "number", "categories": [], "seen": {"median": 40.0}},
        {"name": "GENDER", "kind": "category", "categories": ["M", "F"], "seen": {}},
    ],
}
PARAMS = ("threshold", "reasons", "checks", "min_coverage", "lang", "invalid_rows")


class FakeScorer:
    """A client's solvency is AGE / 100, the threshold 0.5; keeps what it was asked.

    `fault` is raised instead, once set. `extra` is added to each row.
    """

    def __init__(self, model):
        self.model = model
        self.fault = self.table = self.params = None
        self.extra = {}

    def score(self, table, params):
        self.ping()
        self.table, self.params = table, params
        records = table
        if isinstance(table, dict):
            records = [
                dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)
            ]
        return [self._row(record) for record in records]

    def ping(self):
        if self.fault:
            raise self.fault

    def mlflow_version(self):
        self.ping()
        return "3.0"

    def _row(self, record):
        solvency = record.get("AGE", 0) / 100
        decision = "Yes" if solvency >= 0.5 else "No"
        row = {"solvency": solvency, "threshold": 0.5, "decision": decision}
        return {"ID": record.get("ID"), **row, **self.extra}


@pytest.fixture
def model_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    params = json.dumps([{"name": name} for name in PARAMS])
    (folder / "MLmodel").write_text(f"model_id: m-1\nsignature:\n  params: '{params}'\n")
    (folder / "contract.json").write_text(json.dumps(CONTRACT))
    (folder / "best_threshold").write_text("0.5\n")
    return folder


@pytest.fixture
def scorer(model_folder):
    return FakeScorer(ModelFolder.read(model_folder))


@pytest.fixture
def service(scorer):
    """A function: environment variables -> what both entries serve."""
    return lambda **environ: create_service(Settings.from_environ(environ), scorer)


@pytest.fixture
def shim(scorer):
    """A function: environment variables -> Flask's test client."""
    return lambda **environ: create_app(Settings.from_environ(environ), scorer).test_client()


@pytest.fixture
def serving_of():
    """A function: the folder of a model -> Flask's test client of a service of it."""
    return lambda folder: create_app(Settings(), FakeScorer(ModelFolder.read(folder))).test_client()


@pytest.fixture
def client(shim):
    return shim()


@pytest.fixture(params=ENTRIES)
def start(request, service):
    """A function: environment variables -> one of the entries; tests run with each."""
    return lambda **environ: ENTRIES[request.param](service(**environ))


@pytest.fixture
def entry(start):
    return start()


@pytest.fixture
def log(capfd):
    """A function: the events written since the last call."""
    return lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]
