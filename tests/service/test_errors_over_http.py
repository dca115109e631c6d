"""Every row of the design's error table, from real processes."""

import pytest

from tests.service.wire import send


def check(answer, status, *words):
    assert answer.status == status, answer.data
    body = answer.json()
    assert set(body) == {"error", "details", "request_id"}
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in body["error"]
    for word in words:
        assert word in body["error"]
    return body


@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/data", "/invocations"])
@pytest.mark.parametrize("body", [b"{", b"", b'{"data": NaN}', b"[" * 10_000 + b"]" * 10_000])
def test_what_is_not_json_is_400(service, path, body):
    check(service.ask("POST", path, body), 400, "JSON")


@pytest.mark.parametrize("body", [{}, [], {"data": []}, {"data": 3}, {"data": [3]}])
def test_what_holds_no_clients_is_400(service, body):
    check(service.ask("POST", "/predict", body), 400)


def test_a_missing_id_and_a_double_one_are_400_naming_the_row(service, model, make_client):
    first, second = make_client(1), make_client(1)
    check(service.ask("POST", "/predict", {"data": [first, second]}), 400, "row 1", model["id"])
    del second[model["id"]]
    check(service.ask("POST", "/predict", {"data": [first, second]}), 400, "row 1", model["id"])


@pytest.mark.parametrize("value", ["SECRET", "12", True, [1], [[1], [2, 3]], {"a": 1}, ""])
def test_a_value_of_the_wrong_kind_is_422_naming_row_and_column(service, model, value):
    column = next(f["name"] for f in model["features"] if f["kind"] == "number")
    rows = [{model["id"]: 1, column: 1}, {model["id"]: 2, column: value}]
    answer = service.ask("POST", "/predict", {"data": rows})
    body = check(answer, 422, "row 1", column)

    assert body["details"] == [{"row": 1, "column": column, "expected": "a number"}]
    assert b"SECRET" not in answer.data


@pytest.mark.parametrize("value", [0, -0.0, 1e308, 2**63, 2**64, -(2**70), 10**400])
def test_a_number_of_any_size_is_answered(service, model, value):
    column = next(f["name"] for f in model["features"] if f["kind"] == "number")
    answer = service.ask("POST", "/predict", {"data": {model["id"]: 1, column: value}})

    assert answer.status == (400 if value == 10**400 else 200)


def test_a_row_with_no_known_feature_is_422(service, model):
    gender = "CODE_GENDER"
    for known in ({}, {"UNKNOWN": 3}, {"AMT_CREDIT": None}, {gender: "f"}, {gender: None}):
        rows = [{model["id"]: 1, **known}]
        check(service.ask("POST", "/predict", {"data": rows}), 422, "row 0")
        check(service.ask("POST", "/invocations", {"inputs": rows}), 422, "row 0")


@pytest.mark.parametrize(
    "payload",
    [
        {"inputs": [{"UNKNOWN": "SECRET"}]},
        {"inputs": "SECRET"},
        {"inputs": [["SECRET"]]},
        {"inputs": {"SECRET": [1, [2]]}},
        {"instances": [{"SECRET": 1}, 2]},
        {"dataframe_split": {"columns": ["a"], "data": [["SECRET", 2]]}},
        {"dataframe_split": "SECRET"},
        {"dataframe_records": ["SECRET"]},
        {"input": "SECRET"},
        {"messages": "SECRET"},
        {"inputs": [{"a": 1}], "instances": ["SECRET"]},
        ["SECRET"],
        "SECRET",
        False,
        1.5,
        {"inputs": [{"UNKNOWN": 1}], "params": {"threshold": "SECRET"}},
    ],
)
def test_what_mlflow_refuses_is_4xx_in_our_own_words(service, payload):
    answer = service.ask("POST", "/invocations", payload)

    assert answer.status in (400, 422), answer.data
    check(answer, answer.status)
    assert b"SECRET" not in answer.data
    assert b"flow" not in answer.data.lower().replace(b"mlflow defines", b"")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a,b\n1,2,3,4\n"])
def test_csv_that_cannot_be_read_is_4xx(service, body):
    answer = service.ask("POST", "/invocations", body, Content_Type="text/csv")

    assert answer.status in (400, 422)


def test_parquet_that_cannot_be_read_is_400(service):
    kind = "application/vnd.apache.parquet"
    check(service.ask("POST", "/invocations", b"PAR1", Content_Type=kind), 400)


@pytest.mark.parametrize("path", ["/predict", "/invocations"])
def test_a_wrong_content_type_is_415(service, path):
    check(service.ask("POST", path, b"{}", Content_Type="text/plain"), 415, "application/json")


@pytest.mark.parametrize("path", ["/predict", "/data", "/invocations"])
def test_a_body_beyond_the_limit_is_413_whether_its_length_is_told_or_not(service, path):
    limit = 8 * 1024 * 1024
    check(service.ask("POST", path, b" " * (limit + 1)), 413, f"{limit} bytes")
    answer = service.http.request(
        "POST",
        service.url + path,
        body=(b" " * 65536 for _ in range(limit // 65536 + 1)),
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
    )
    check(answer, 413, f"{limit} bytes")


def test_more_rows_than_the_limit_are_413(service, model):
    rows = [{model["id"]: number} for number in range(1001)]
    check(service.ask("POST", "/predict", {"data": rows}), 413, "1000 rows")


def test_an_unknown_route_is_404_and_a_wrong_method_405(service):
    check(service.ask("GET", "/nope"), 404)
    answer = service.ask("GET", "/predict")
    check(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_what_is_not_http_is_400_and_closes_the_connection(service):
    reply = send(service, b"NONSENSE\r\n\r\n", seconds=30)
    assert reply.statuses == [400]
    assert reply.closed


def test_the_log_is_json_lines_without_a_word_of_any_client(service, make_client):
    client = make_client(987654321)
    client["SURNAME"] = "SECRET"
    service.ask("POST", "/predict", {"data": client}, X_Request_ID="find-me")
    mine = next(line for line in service.lines() if line.get("request_id") == "find-me")
    assert (mine["route"], mine["status"], mine["rows"]) == ("/predict", 200, 1)
    assert "SECRET" not in service.log.read_text()
    assert "987654321" not in service.log.read_text()


def test_an_error_does_not_disturb_the_next_request_of_its_connection(service):
    """The body follows its headers in a packet of its own, as many clients send it."""
    for number in range(150):
        path = ("/predict", "/nowhere", "/data")[number % 3]
        reply = service.ask("POST", path, b"{}", Content_Type="text/plain")
        assert reply.status in {404, 415}
