import json

import pytest


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_each_request_is_one_json_line_without_the_clients_data(client, capsys):
    client.post("/predict", json={"data": [{"ID": 987654, "AGE": 31}, {"ID": 2}]})
    [line] = lines(capsys)

    assert line.pop("ms") >= 0
    assert line.pop("request_id")
    assert line == {
        "event": "request",
        "method": "POST",
        "route": "/predict",
        "status": 200,
        "rows": 2,
        "model": "unknown",
    }


def test_a_path_that_is_no_route_is_not_logged(client, capsys):
    client.get("/clients/987654?name=Doe")
    [line] = lines(capsys)

    assert line["route"] is None
    assert "987654" not in json.dumps(line)


@pytest.mark.parametrize("status", [200, 404])
def test_the_callers_request_id_is_used_and_returned(client, capsys, status):
    answer = client.get("/" if status == 200 else "/nope", headers={"X-Request-ID": "abc-123"})

    assert answer.headers["X-Request-ID"] == "abc-123"
    assert lines(capsys)[0]["request_id"] == "abc-123"


@pytest.mark.parametrize("sent", ["", "x" * 65, "two words", "caf\xe9", "tab\tbed"])
def test_a_request_id_that_is_long_or_odd_is_replaced(client, sent):
    made = client.get("/", headers={"X-Request-ID": sent}).headers["X-Request-ID"]

    assert made != sent
    assert made.isalnum()


def test_two_requests_get_two_ids(client):
    assert client.get("/").headers["X-Request-ID"] != client.get("/").headers["X-Request-ID"]
