"""A bad value in a large body is refused as it is in a small one, and as soon."""

import csv
import io
import json

import pytest

from tests.service.processes import growing_less_than
from tests.service.test_hostile_bodies import MEGABYTES, served

JSON, CSV = "application/json", "text/csv"
ROWS, COLUMNS = 1000, 500


def as_csv(columns, rows):
    file = io.StringIO()
    csv.writer(file).writerows([columns, *rows])
    return file.getvalue()


def records(columns, rows):
    return [dict(zip(columns, row, strict=True)) for row in rows]


def by_column(columns, rows):
    return dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))


FORMS = {
    "inputs of records": lambda c, r: {"inputs": records(c, r)},
    "inputs of columns": lambda c, r: {"inputs": by_column(c, r)},
    "instances": lambda c, r: {"instances": records(c, r)},
    "dataframe_records": lambda c, r: {"dataframe_records": records(c, r)},
    "dataframe_split": lambda c, r: {"dataframe_split": {"columns": c, "data": r}},
    "csv": as_csv,
}


@pytest.fixture(scope="module")
def columns(model):
    known = [f["name"] for f in model["features"] if f["kind"] == "number"]
    return known + [f"{number}" for number in range(COLUMNS - len(known))]


def ask(service, form, columns, rows, **params):
    """Status and answer, without the request id."""
    body = FORMS[form](columns, rows)
    kind = CSV if form == "csv" else JSON
    body = body if form == "csv" else json.dumps(body | ({"params": params} if params else {}))
    answer = service.ask("POST", "/invocations", body.encode(), Content_Type=kind)
    return answer.status, {k: v for k, v in answer.json().items() if k != "request_id"}


def rows_of(columns, count, first):
    """Rows of ones, the first of which begins with `first`."""
    return [[first] + [1] * (len(columns) - 1), *([1] * len(columns) for _ in range(count - 1))]


@pytest.mark.parametrize("form", FORMS)
def test_half_a_million_values_are_no_reason_to_tell_a_bad_one_otherwise(
    service, model, columns, form
):
    small = ask(service, form, columns, rows_of(columns, 3, "abc"))
    assert small[0] == 422
    assert small[1]["details"][0] == {"row": 0, "column": columns[0], "expected": "a number"}
    with growing_less_than(MEGABYTES, service):
        assert ask(service, form, columns, rows_of(columns, ROWS, "abc")) == small
    served(service, model)


@pytest.mark.parametrize("value", [True, [1, 2]])
def test_nor_are_values_of_other_kinds(service, model, columns, value):
    form = "inputs of records"
    small = ask(service, form, columns, rows_of(columns, 3, value))
    assert small[0] == 422
    assert ask(service, form, columns, rows_of(columns, ROWS, value)) == small
    served(service, model)


@pytest.mark.parametrize("form", ["inputs of records", "instances", "dataframe_split", "csv"])
def test_nothing_but_bad_values_are_422_too(service, model, columns, form):
    status, body = ask(service, form, columns, [["a"] * COLUMNS] * ROWS)
    assert status == 422
    assert len(body["details"]) == 20
    served(service, model)


@pytest.mark.parametrize("params", [{"threshold": "a"}, {"threshold": 2}, {"reasons": -1}])
def test_params_that_the_model_does_not_take_are_told_as_soon(service, model, columns, params):
    form, rows = "inputs of records", rows_of(columns, ROWS, 1)
    small = ask(service, form, columns, rows[:3], **params)
    assert small[0] == 400
    assert ask(service, form, columns, rows, **params) == small
    served(service, model)


def test_on_the_shims_own_route_too(service, model, columns):
    clients = [{model["id"]: n, **dict.fromkeys(columns, 1)} for n in range(ROWS)]
    clients[0][columns[0]] = "abc"
    small, large = (
        service.ask("POST", "/predict", {"data": rows}) for rows in (clients[:1], clients)
    )
    assert small.status == large.status == 422
    assert small.json()["details"] == large.json()["details"]
    served(service, model)


@pytest.mark.parametrize(
    "payload",
    [
        {"inputs": {"A": ["x" * 4_000_000] + ["a"] * 999, "AMT_CREDIT": [1] * 1000}},
        {"instances": [{"A": "x" * 4_000_000}] + [{"A": "a"}] * 999},
        {"instances": [["x" * 4_000_000]] + [["a"]] * 999},
        {"inputs": [{"A": ["x" * 4_000_000] + ["a"] * 999}]},
    ],
    ids=["inputs", "instances", "matrix", "list"],
)
def test_a_long_text_that_all_others_would_be_padded_to_is_refused(service, model, payload):
    with growing_less_than(100, service):
        answer = service.ask("POST", "/invocations", payload)
    assert answer.status in (400, 422)
    served(service, model)
