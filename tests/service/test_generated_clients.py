"""Clients made from the OpenAPI document by generators that others use."""

import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.model_folder import ModelFolder
from app.openapi import document, example_client
from app.settings import Settings

pytestmark = pytest.mark.long

SETTINGS = [{}, {"API_KEYS": "desk:" + "0" * 64}]

SMALLEST = {
    "openapi": "3.1.0",
    "info": {"title": "Smallest", "version": "1"},
    "servers": [{"url": "/"}],
    "paths": {"/": {"get": {"operationId": "get", "responses": {"200": {"description": "OK"}}}}},
    "components": {
        "schemas": {
            "Lists": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            }
        }
    },
}
"""OpenAPI Generator warns of every document of version 3.1, and of every map of lists in one."""


@pytest.fixture
def write(tmp_path, shipped):
    """A function: environment variables -> the path of the document of the shipped model."""

    def written(environ):
        made = document(ModelFolder.read(shipped), Settings.from_environ(environ))
        path = tmp_path / "openapi.json"
        path.write_text(json.dumps(made))
        return path

    return written


def generate_python(source, package):
    """Makes a package from a document, which is a path or an address; what was printed."""
    option = "--url" if str(source).startswith("http") else "--path"
    config = package.with_suffix(".json")
    config.write_text('{"post_hooks": []}')
    command = ["generate", option, str(source), "--output-path", str(package), "--meta", "none"]
    ran = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *command, "--config", str(config)],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def java_warnings(path, folder):
    """Of OpenAPI Generator, for a Java client; without the names of threads and classes."""
    jar = Path(importlib.import_module("openapi_generator_cli").__file__).parent
    command = ["java", "-jar", str(jar / "openapi-generator.jar"), "generate", "-g", "java"]
    ran = subprocess.run(
        [*command, "-i", str(path), "-o", str(folder)], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return set(re.findall(r"(?:WARN|ERROR) +(.*)", ran.stdout + ran.stderr))


@pytest.mark.parametrize("environ", SETTINGS)
def test_openapi_python_client_has_no_warning(write, tmp_path, environ):
    printed = generate_python(write(environ), tmp_path / "generated")

    assert "warning" not in printed.lower()
    assert (tmp_path / "generated/api/scoring/predict.py").exists()


@pytest.mark.parametrize("environ", SETTINGS)
def test_openapi_generator_has_no_warning_of_this_document(write, tmp_path, environ):
    if not shutil.which("java"):
        pytest.skip("needs Java")
    smallest = tmp_path / "smallest.json"
    smallest.write_text(json.dumps(SMALLEST))

    known = java_warnings(smallest, tmp_path / "smallest")
    assert java_warnings(write(environ), tmp_path / "java") <= known
    assert list((tmp_path / "java").rglob("PredictParams.java"))


def test_the_generated_client_scores_a_client_with_its_reasons(
    in_process, shipped, tmp_path, monkeypatch
):
    generate_python(f"{in_process.url}/openapi.json", tmp_path / "scoring_client")
    monkeypatch.syspath_prepend(str(tmp_path))
    models = importlib.import_module("scoring_client.models")
    predict = importlib.import_module("scoring_client.api.scoring.predict")
    generated = importlib.import_module("scoring_client.client")

    row = models.Client.from_dict(example_client(ModelFolder.read(shipped)))
    body = models.PredictRequest(
        data=[row], params=models.PredictParams(reasons=2, lang=models.Language.FR)
    )
    with generated.Client(in_process.url) as client:
        answer = predict.sync(client=client, body=body)
        refused = predict.sync(client=client, body=models.PredictRequest(data=[]))

    [(name, decision)] = answer.prediction.additional_properties.items()
    reasons = answer.reasons.additional_properties[name]
    assert decision in {models.Decision.YES, models.Decision.NO}
    assert len(reasons) == 2
    assert all("solvabilité" in reason.sentence for reason in reasons)
    assert isinstance(refused, models.ErrorResponse)
    assert refused.request_id
