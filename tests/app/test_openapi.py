"""The OpenAPI document describes the loaded model, the settings and the routes."""

import json

import pytest
from openapi_spec_validator import validate

from app import decisions
from app.model_folder import ModelFolder
from app.openapi import document, example_client, typical_client, unit_of
from app.routes import ROUTES
from app.settings import Settings

KEYS = {"API_KEYS": "desk:" + "0" * 64}


@pytest.fixture
def model(model_folder):
    return ModelFolder.read(model_folder)


@pytest.fixture
def described(model):
    """A function: environment variables -> the document."""
    return lambda **environ: document(model, Settings.from_environ(environ))


def operations_of(described):
    return {
        (method.upper(), path): operation
        for path, item in described["paths"].items()
        for method, operation in item.items()
    }


@pytest.mark.parametrize("environ", [{}, KEYS])
def test_it_is_valid_openapi_of_version_3_1(described, environ):
    made = described(**environ)

    validate(made)
    assert made["openapi"].startswith("3.1")


def test_it_has_every_route_of_the_service_and_no_other(described):
    assert set(operations_of(described())) == {(route.method, route.path) for route in ROUTES}


def test_where_decisions_are_kept_it_has_their_routes_too(described):
    made = described(DATABASE_URL="sqlite://", LEDGER_KEY="A" * 43 + "=", **KEYS)

    validate(made)
    assert set(operations_of(made)) == {(r.method, r.path) for r in (*ROUTES, *decisions.ROUTES)}
    assert "decisions" in made["components"]["schemas"]["PredictResponse"]["properties"]


def test_every_operation_has_an_id_of_its_own_and_one_tag_that_is_described(described):
    made = described()
    operations = operations_of(made).values()
    tags = {tag["name"] for tag in made["tags"]}

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(len(operation["tags"]) == 1 for operation in operations)
    assert {operation["tags"][0] for operation in operations} == tags


def test_every_column_has_its_type_what_training_saw_and_an_example(described):
    client = described()["components"]["schemas"]["Client"]

    assert client["properties"]["AGE"]["type"] == ["number", "null"]
    assert client["properties"]["AGE"]["x-seen"] == {"median": 40.0}
    assert client["properties"]["AGE"]["examples"] == [40]
    assert client["properties"]["GENDER"]["x-categories"] == ["M", "F"]
    assert client["properties"]["GENDER"]["examples"] == ["M"]
    assert client["required"] == ["ID"]


def test_numbers_are_given_to_six_digits(model, described):
    model.features[0]["seen"] = {"min": 0.1 + 0.2, "max": 1 / 3, "median": 151285.51}
    column = described()["components"]["schemas"]["Client"]["properties"]["AGE"]

    assert column["x-seen"] == {"min": 0.3, "max": 0.333333, "median": 151286}
    assert "0.3 to 0.3333" in column["description"]


def test_the_example_of_a_request_is_answered(client, described):
    for path, name in (("/predict", "PredictRequest"), ("/predict_proba", "PredictRequest")):
        [example] = described()["components"]["schemas"][name]["examples"]

        assert client.post(path, json=example).status_code == 200


def test_the_limits_are_those_of_the_settings(described):
    components = described(MAX_ROWS="7", MAX_BYTES="1234")["components"]

    assert components["schemas"]["ClientList"]["maxItems"] == 7
    assert components["schemas"]["Rows"]["maxItems"] == 7
    assert "1,234 bytes, 7 clients" in components["responses"]["ContentTooLarge"]["description"]


def test_keys_are_described_only_where_there_are_keys(described):
    with_keys, without = described(**KEYS), described()
    predict = ("POST", "/predict")

    assert set(with_keys["components"]["securitySchemes"]) == {"bearer", "apiKey"}
    assert "security" in operations_of(with_keys)[predict]
    assert {"401", "429"} <= set(operations_of(with_keys)[predict]["responses"])
    assert "security" not in json.dumps(without)
    assert not {"401", "429"} & set(operations_of(without)[predict]["responses"])


def test_every_failure_has_the_form_of_an_error(described):
    made = described(**KEYS)
    error = {"$ref": "#/components/schemas/ErrorResponse"}
    for operation in operations_of(made).values():
        for status, answer in operation["responses"].items():
            if status >= "400":
                name = answer["$ref"].removeprefix("#/components/responses/")
                [content] = made["components"]["responses"][name]["content"].values()
                assert content["schema"] == error


def test_answers_of_the_shipped_model_are_no_examples_for_another(described):
    for (_, path), operation in operations_of(described()).items():
        if path in {"/predict", "/predict_proba", "/invocations"}:
            [content] = operation["responses"]["200"]["content"].values()
            assert "example" not in content
    assert "EXT_SOURCE_2" not in json.dumps(described())


def test_one_document_does_not_change_another(described):
    first = described()
    first["paths"].clear()

    assert described()["paths"]


def test_the_example_client_is_short_and_the_typical_one_whole(model):
    model.features.extend({**model.features[0], "name": f"AGE_{n}"} for n in range(20))

    assert typical_client(model).keys() == {"ID", *model.columns}
    assert 2 < len(example_client(model)) < len(typical_client(model))


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("AMT_CREDIT", "currency units"),
        ("DAYS_BIRTH", "days from the application, negative is before it"),
        ("PREV_REFUSED_SHARE_6M", "fraction of the whole"),
        ("FLAG_EMP_PHONE", "1 for yes, 0 for no"),
        ("purpose", None),
    ],
)
def test_the_unit_of_a_column_comes_from_its_name(column, unit):
    assert unit_of(column) == unit
