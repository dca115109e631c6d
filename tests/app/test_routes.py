import io
import json

import pandas as pd
import pytest

from app.scorer import Score


def parquet():
    file = io.BytesIO()
    pd.DataFrame({"ID": [1], "AGE": [2]}).to_parquet(file)
    return file.getvalue()


PARQUET = parquet()


def post(client, path, body, **headers):
    return client.post(path, data=json.dumps(body), content_type="application/json", **headers)


def test_welcome_lists_the_routes_as_json(client):
    answer = client.get("/")

    assert answer.mimetype == "application/json"
    assert {route["path"] for route in answer.json["routes"]} >= {"/predict", "/invocations"}


def test_every_listed_route_exists(client):
    for route in client.get("/").json["routes"]:
        answer = client.open(route["path"], method=route["method"])
        assert answer.status_code not in (404, 405), route


def test_a_browser_gets_a_page_without_anything_from_elsewhere(client):
    answer = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert answer.mimetype == "text/html"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text
    assert 'name="AGE"' in answer.text
    assert "typically 40" in answer.text
    assert "<option>F</option>" in answer.text


def test_welcome_varies_with_what_is_accepted(client):
    assert "Accept" in client.get("/").headers["Vary"]
    assert client.get("/", headers={"Accept": "*/*"}).mimetype == "application/json"


@pytest.mark.parametrize("name", ["page.js", "page.css", "icon.svg"])
def test_the_pages_files_are_served(client, name):
    with client.get(f"/static/{name}") as answer:
        assert answer.status_code == 200


def test_features_gives_columns_in_model_order_and_the_contract(client):
    body = client.get("/features").json

    assert body["columns"] == ["AGE", "GENDER"]
    assert [feature["name"] for feature in body["features"]] == body["columns"]
    assert body["features"][1]["categories"] == ["M", "F"]


def test_best_threshold_is_a_number(client):
    assert client.get("/best_threshold").json == {"best_threshold": 0.5}


def test_predict_answers_yes_or_no_for_each_client_in_order(client):
    answer = post(client, "/predict", {"data": [{"ID": 155312, "AGE": 23}, {"ID": "é", "AGE": 70}]})

    assert answer.text == '{"prediction":{"client n°155312":"No","client n°é":"Yes"}}'


def test_predict_proba_answers_solvency_and_threshold_with_their_accents(client):
    answer = post(client, "/predict_proba", {"data": [{"ID": 155312, "AGE": 23}]})

    assert answer.text == (
        '{"prediction":{"client n°155312":{"niveau de solvabilité":0.23,"seuil":0.5}}}'
    )


def test_data_may_be_one_object(client):
    assert post(client, "/predict", {"data": {"ID": 1, "AGE": 50}}).json == {
        "prediction": {"client n°1": "Yes"}
    }


def test_the_scorer_gets_the_records_as_they_were_sent(client, scorer):
    record = {"ID": 1, "AGE": 50, "GENDER": None, "extra": "kept"}
    post(client, "/predict", {"data": [record]})

    assert scorer.records == [record]


@pytest.mark.parametrize(
    "body", [b'{"data": [1.50, 1e2, 123456789012345678901234567890, "\\u00e9"]}', b"[]", b"null"]
)
def test_data_returns_what_was_sent_to_the_last_digit(client, body):
    answer = client.post("/data", data=body, content_type="application/json")

    assert answer.data == b'{"data":' + body + b"}"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"inputs": [{"ID": 1}]}'),
        ("text/csv", b"ID,AGE\n1,2\n"),
        ("application/vnd.apache.parquet", PARQUET),
    ],
)
def test_invocations_passes_every_type_of_mlflow_on_unchanged(client, scorer, content_type, body):
    answer = client.post("/invocations", data=body, content_type=content_type)

    assert scorer.invoked == (body, content_type)
    assert answer.data == b'{"predictions": []}'


@pytest.mark.parametrize(
    ("path", "body"), [("/ping", b"\n"), ("/health", b"\n"), ("/version", b"3.0")]
)
def test_mlflows_own_routes_answer_as_mlflow_does(client, path, body):
    assert client.get(path).data == body


def test_head_and_options_are_answered(client):
    assert client.head("/features").status_code == 200
    assert {"POST", "OPTIONS"} == client.options("/predict").allow


def test_a_charset_of_utf_8_may_be_said(client):
    answer = client.post(
        "/data", data="[]", headers={"Content-Type": "application/json; charset=UTF-8"}
    )

    assert answer.status_code == 200


def test_coverage_and_warnings_stand_beside_the_prediction_under_the_clients_keys(client, scorer):
    warning = {"column": "AGE", "warning": "far outside what training saw", "seen": [18, 70]}
    scores = [Score(0.2, 0.5, "No", 0.75, [warning]), Score(0.6, 0.5, "Yes", 1.0, [])]
    scorer.score = lambda records: scores[: len(records)]
    body = {"data": [{"ID": 1, "AGE": 900}, {"ID": "b", "AGE": 30}]}

    assert post(client, "/predict", body).json == {
        "prediction": {"client n°1": "No", "client n°b": "Yes"},
        "coverage": {"client n°1": 0.75, "client n°b": 1.0},
        "warnings": [{"client": "client n°1", **warning}],
    }
    assert post(client, "/predict_proba", body).json["warnings"][0]["client"] == "client n°1"


def test_without_a_warning_there_is_no_key_for_them(client, scorer):
    scorer.score = lambda _: [Score(0.6, 0.5, "Yes", 1.0, [])]

    assert post(client, "/predict", {"data": {"ID": 1}}).json == {
        "prediction": {"client n°1": "Yes"},
        "coverage": {"client n°1": 1.0},
    }
