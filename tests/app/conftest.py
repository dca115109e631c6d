"""A shim with a hand-written scorer behind it: nothing here loads a model or opens a port."""

import json

import pytest

from app import create_app
from app.model_folder import ModelFolder
from app.scorer import Reply, Score
from app.settings import Settings

CONTRACT = {
    "id": "ID",
    "features": [
        {"name": "AGE", "kind": "number", "categories": [], "seen": {"median": 40.0}},
        {"name": "GENDER", "kind": "category", "categories": ["M", "F"], "seen": {}},
    ],
}


class FakeScorer:
    """Finds every client's solvency in AGE / 100, holds it against 0.5, and remembers what came.

    `fault` is raised instead, once set.
    """

    def __init__(self):
        self.fault = None
        self.records = None
        self.invoked = None

    def score(self, records):
        self._fail()
        self.records = list(records)
        ages = [record.get("AGE", 0) / 100 for record in records]
        return [Score(age, 0.5, "Yes" if age >= 0.5 else "No") for age in ages]

    def invoke(self, body, content_type):
        self._fail()
        self.invoked = (body, content_type)
        return Reply("application/json", b'{"predictions": []}')

    def ping(self):
        self._fail()
        return Reply("application/json", b"\n")

    def version(self):
        self._fail()
        return Reply("application/json", b"3.0")

    def _fail(self):
        if self.fault:
            raise self.fault


@pytest.fixture
def model_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    (folder / "contract.json").write_text(json.dumps(CONTRACT))
    (folder / "best_threshold").write_text("0.5\n")
    return folder


@pytest.fixture
def scorer():
    return FakeScorer()


@pytest.fixture
def shim(model_folder, scorer):
    """A function: environment variables -> Flask's test client."""

    def start(**environ):
        settings = Settings.from_environ({"MODEL": str(model_folder), **environ})
        scorer.model = ModelFolder.read(model_folder)
        return create_app(settings, scorer).test_client()

    return start


@pytest.fixture
def client(shim):
    return shim()
