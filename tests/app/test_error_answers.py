"""Each row of the design's error table, with the form that all of them share."""

import json

import pytest

from app.errors import STATUS, ScorerFailed, ScorerTimeout, ScorerUnavailable, UnreadableInput
from scoring_model.errors import InvalidRows, Problem

JSON = "application/json"


def post(client, body, path="/predict", content_type=JSON):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, data=body, content_type=content_type)


def check(answer, status, *words):
    assert answer.status_code == status
    assert answer.mimetype == JSON
    assert set(answer.json) == {"error", "details", "request_id"}
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    for word in words:
        assert word in answer.json["error"]
    return answer


@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/data", "/invocations"])
def test_a_body_that_is_not_json_is_400(client, path):
    check(post(client, b"{not json", path), 400, "not valid JSON")


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
@pytest.mark.parametrize(
    ("body", "word"), [({}, "no data"), ({"data": []}, "empty"), ({"data": 1}, "neither")]
)
def test_a_body_without_clients_is_400(client, path, body, word):
    check(post(client, body, path), 400, word)


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [
        ([{"ID": 1}, "client"], 1, None),
        ([{"ID": 1}, {"AGE": 3}], 1, "ID"),
        ([{"ID": 1}, {"ID": 2}, {"ID": 1}], 2, "ID"),
    ],
)
def test_a_row_that_is_no_client_is_400_naming_the_row(client, rows, row, column):
    answer = check(post(client, {"data": rows}), 400, f"row {row}")

    assert answer.json["details"][0]["row"] == row
    assert answer.json["details"][0].get("column") == column


def test_values_of_the_wrong_kind_are_422_naming_row_and_column_but_not_the_value(client, scorer):
    scorer.fault = InvalidRows(
        [Problem(0, "AGE", "a number", "SECRET"), Problem(1, None, "at least one column")]
    )
    answer = check(
        post(client, {"data": {"ID": 1}}), 422, "row 0, column AGE", "a number", "1 more"
    )

    assert answer.json["details"] == [
        {"row": 0, "column": "AGE", "expected": "a number"},
        {"row": 1, "expected": "at least one column"},
    ]
    assert "SECRET" not in answer.text


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json; charset=latin-1"])
@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/data", "/invocations"])
def test_a_wrong_content_type_is_415_naming_the_right_ones(client, path, content_type):
    check(post(client, {}, path, content_type), 415, JSON)


@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/data", "/invocations"])
def test_a_compressed_body_is_415(client, path):
    headers = {"Content-Encoding": "gzip"}
    answer = client.post(path, data=b"\x1f\x8b", content_type=JSON, headers=headers)

    check(answer, 415, "compressed")


def test_csv_is_for_invocations_only(client):
    check(post(client, b"ID\n1\n", "/predict", "text/csv"), 415)


@pytest.mark.parametrize("path", ["/predict", "/data", "/invocations"])
def test_a_body_larger_than_the_limit_is_413_naming_it(shim, path):
    check(post(shim(MAX_BYTES="100"), b" " * 101, path), 413, "limit of 100 bytes")


def test_a_body_of_the_very_limit_is_read(shim):
    client = shim(MAX_BYTES="100")
    assert post(client, b"[]".ljust(100), "/data").status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
def test_more_rows_than_the_limit_are_413_naming_it(shim, path):
    rows = [{"ID": number} for number in range(3)]
    check(post(shim(MAX_ROWS="2"), {"data": rows}, path), 413, "limit of 2 rows")
    check(post(shim(MAX_ROWS="2"), {"inputs": rows}, "/invocations"), 413, "limit of 2 rows")


@pytest.mark.parametrize("path", ["/nope", "/predict/", "/static/nope", "/static/../routes.py"])
def test_an_unknown_route_is_404(client, path):
    check(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", {"POST", "OPTIONS"}),
        ("DELETE", "/features", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/invocations", {"POST", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_405_saying_which_are_allowed(client, method, path, allowed):
    answer = check(client.open(path, method=method), 405)

    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (UnreadableInput(), 400),
        (ScorerUnavailable(), 503),
        (ScorerTimeout(20), 504),
        (ScorerFailed(), 500),
    ],
)
def test_a_fault_of_the_scorer_has_its_status_on_every_route_that_asks_it(
    client, scorer, fault, status
):
    scorer.fault = fault
    check(post(client, {"data": {"ID": 1}}), status)
    check(post(client, {"inputs": []}, "/invocations"), status)
    check(client.get("/ping"), status)
    check(client.get("/version"), status)


def test_503_says_when_to_come_back(client, scorer):
    scorer.fault = ScorerUnavailable()

    assert int(client.get("/ping").headers["Retry-After"]) > 0


def test_an_unforeseen_error_is_500_without_a_trace_or_the_clients_data(client, scorer, capsys):
    scorer.fault = ZeroDivisionError("SECRET")
    answer = check(post(client, {"data": {"ID": 1}}), 500)

    assert "Zero" not in answer.text
    log = capsys.readouterr().err
    assert "SECRET" not in log
    failure = json.loads(log.splitlines()[0])
    assert failure["type"] == "ZeroDivisionError"
    assert failure["request_id"] == answer.json["request_id"]


def test_the_table_holds_only_client_and_server_errors():
    assert all(status >= 400 for status in STATUS.values())
