"""The answers in the OpenAPI document are those of the shipped model."""

import pytest

from app.model_folder import ModelFolder
from app.openapi import document
from app.settings import Settings

SCHEMAS = {
    "/predict": "PredictRequest",
    "/predict_proba": "PredictRequest",
    "/invocations": "InvocationRequest",
}


@pytest.fixture
def described(shipped):
    return document(ModelFolder.read(shipped), Settings.from_environ({}))


def rounded(value):
    """Floats to the four digits that the document shows."""
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_documented_request_gets_the_documented_answer(in_process, described, path):
    [request] = described["components"]["schemas"][SCHEMAS[path]]["examples"]
    answer = described["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]

    assert rounded(in_process.ask("POST", path, request).json()) == answer["example"]


def test_the_documented_csv_gets_the_documented_answer(in_process, described):
    body = described["paths"]["/invocations"]["post"]["requestBody"]
    csv = body["x-other-content-types"]["text/csv"]
    answer = in_process.ask(
        "POST", "/invocations", csv["example"].encode(), Content_Type="text/csv"
    )

    assert rounded(answer.json()) == csv["answer"]


@pytest.mark.parametrize("path", ["/best_threshold", "/health/live", "/health/ready"])
def test_what_needs_no_body_gets_the_documented_answer(in_process, described, path):
    answer = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]

    assert rounded(in_process.ask("GET", path).json()) == answer["example"]
