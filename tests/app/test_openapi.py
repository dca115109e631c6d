"""The document says what is so: of the model's columns, and of the routes."""

import pytest

from app.openapi.units import unit_of
from app.routes import ROUTES


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


def test_it_has_every_route_that_is_listed_and_no_other(document):
    told = {(m.upper(), path) for path, item in document["paths"].items() for m in item}

    assert document["openapi"].startswith("3.1")
    assert told == {(route["method"], route["path"]) for route in ROUTES}


def test_every_column_has_its_type_what_training_saw_and_an_example(document):
    columns = document["components"]["schemas"]["Client"]["properties"]

    assert columns["AGE"]["type"] == ["number", "null"]
    assert columns["AGE"]["examples"] == [40.0]
    assert columns["GENDER"]["x-categories"] == ["M", "F"]
    assert columns["GENDER"]["examples"] == ["M"]
    assert document["components"]["schemas"]["Client"]["required"] == ["ID"]


def test_the_example_of_a_request_is_answered(client, document):
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]

    assert client.post("/predict", json=body["example"]).status_code == 200


def test_the_limits_are_those_of_the_settings(shim):
    clients = shim(MAX_ROWS="7").get("/openapi.json").json["components"]["schemas"]["Clients"]

    assert clients["properties"]["data"]["anyOf"][1]["maxItems"] == 7


def test_every_failure_has_the_form_of_an_error(document):
    for item in document["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Error"}


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("AMT_CREDIT", "currency units"),
        ("DAYS_BIRTH", "days from the application, negative is before it"),
        ("PREV_REFUSED_SHARE_6M", "share, 1 is the whole"),
        ("FLAG_EMP_PHONE", "1 for yes, 0 for no"),
        ("purpose", None),
    ],
)
def test_a_columns_unit_is_told_where_its_name_tells(column, unit):
    assert unit_of(column) == unit
