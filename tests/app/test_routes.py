"""What each route answers; `test_entries` checks that both entries answer alike."""

import pytest

from app.errors import ScorerFailed, ScorerTimeout, ScorerUnavailable, UnreadableInput
from app.model_folder import ModelFolder
from app.routes import ROUTES
from scoring_model.errors import InvalidRows, Problem
from tests.app.caller import JSON

ROW = {"ID": 1, "AGE": 60}


def test_welcome_lists_the_routes_and_each_of_them_exists(client):
    answer = client.get("/")

    assert answer.mimetype == JSON
    assert {route["path"] for route in answer.json["routes"]} == {route.path for route in ROUTES}
    for route in answer.json["routes"]:
        assert client.open(route["path"], method=route["method"]).status_code not in (404, 405)


def test_a_browser_gets_a_page_without_anything_from_elsewhere(client):
    answer = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert answer.mimetype == "text/html"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text
    assert "AGE" not in answer.text  # it is read from /features, where a key may be needed


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [("fr-CH, fr;q=0.9, en;q=0.8", "fr"), ("de, en;q=0.5", "en"), ("", "en"), ("de", "en")],
)
def test_the_page_is_in_the_first_language_of_the_browser_that_it_has(client, accepted, lang):
    answer = client.get("/", headers={"Accept": "text/html", "Accept-Language": accepted})

    assert f'<html lang="{lang}">' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_model_gives_its_facts_and_its_card_to_a_browser(model_folder, serving_of):
    style = "<style>p { color: red }</style>"
    (model_folder / "model_card.html").write_text(f"<!doctype html>{style}<p>How good it is</p>")
    (model_folder / "summary.json").write_text('{"metrics": {"auc": 0.78}}')
    client = serving_of(model_folder)
    facts, card = (client.get("/model", headers={"Accept": a}) for a in ("*/*", "text/html"))

    assert facts.json["metrics"] == {"auc": 0.78}
    assert (facts.json["version"], facts.json["best_threshold"]) == ("m-1", 0.5)
    assert "How good it is" in card.text
    policy = card.headers["Content-Security-Policy"]
    assert "style-src 'sha256-" in policy
    assert "unsafe-inline" not in policy


def test_model_without_a_card_gives_its_facts_to_a_browser_too(client):
    answer = client.get("/model", headers={"Accept": "text/html"})

    assert answer.json["examples"] == []
    assert answer.json["solvency_histogram"] is None


def test_welcome_varies_with_what_is_accepted(client):
    assert "Accept" in client.get("/").headers["Vary"]
    assert client.get("/", headers={"Accept": "*/*"}).mimetype == JSON


def test_features_gives_columns_in_model_order_and_the_contract(client):
    body = client.get("/features").json

    assert body["columns"] == ["AGE", "GENDER"]
    assert [feature["name"] for feature in body["features"]] == body["columns"]
    assert body["features"][1]["categories"] == ["M", "F"]


def test_best_threshold_is_a_number(client):
    assert client.get("/best_threshold").json == {"best_threshold": 0.5}


def test_predict_answers_yes_or_no_for_each_client_in_order(client):
    body = {"data": [{"ID": 155312, "AGE": 23}, {"ID": "é", "AGE": 70}]}

    assert client.post("/predict", json=body).text == (
        '{"prediction":{"client n°155312":"No","client n°é":"Yes"}}'
    )


def test_predict_proba_answers_solvency_and_threshold_with_their_accents(client):
    answer = client.post("/predict_proba", json={"data": {"ID": 155312, "AGE": 23}})

    assert answer.text == (
        '{"prediction":{"client n°155312":{"niveau de solvabilité":0.23,"seuil":0.5}}}'
    )


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
def test_counterfactuals_stand_beside_the_prediction(client, model_folder, scorer, path):
    (model_folder / "MLmodel").write_text(
        """signature: {params: '[{"name": "counterfactuals"}]'}"""
    )
    scorer.model = ModelFolder.read(model_folder)
    found = [{"changes": [{"column": "AGE", "from": 23.0, "to": 50.0}], "solvency": 0.5}]
    scorer.extra = {"counterfactuals": found}
    answer = client.post(path, json={"data": [ROW], "params": {"counterfactuals": 3}}).json

    assert scorer.params["counterfactuals"] == 3
    assert answer["counterfactuals"] == {"client n°1": found}


def test_a_param_that_the_model_does_not_declare_is_refused(client):
    for path, form in (("/predict", "data"), ("/invocations", "inputs")):
        answer = client.post(path, json={form: [ROW], "params": {"counterfactuals": 3}})

        assert answer.status_code == 400
        assert "counterfactuals" in answer.json["error"]


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
def test_coverage_warnings_and_reasons_stand_beside_the_prediction(client, scorer, path):
    warning = {"column": "AGE", "warning": "far outside what training saw", "seen": [18, 70]}
    reasons = [{"column": "AGE"}]
    scorer.extra = {"coverage": 0.75, "warnings": [warning], "reasons": reasons}
    answer = client.post(path, json={"data": [ROW], "params": {"reasons": 1, "lang": None}}).json
    scorer.extra = {"coverage": 1.0, "warnings": []}

    assert answer["coverage"] == {"client n°1": 0.75}
    assert answer["warnings"] == [{"client": "client n°1", **warning}]
    assert answer["reasons"] == {"client n°1": reasons}
    assert set(client.post(path, json={"data": ROW}).json) == {"prediction", "coverage"}


def test_the_scorer_gets_the_clients_as_sent_and_what_was_asked(shim, scorer):
    record = {"ID": 1, "AGE": 50, "GENDER": None, "extra": "kept"}
    params = {"reasons": 2, "lang": "fr", "checks": False, "min_coverage": 0.1}
    shim(MIN_COVERAGE="0.3").post("/predict", json={"data": [record], "params": params})

    assert scorer.table == [record]
    assert scorer.params["checks"] is True
    assert (scorer.params["reasons"], scorer.params["lang"]) == (2, "fr")
    assert scorer.params["min_coverage"] == 0.3


@pytest.mark.parametrize(
    "body", [b'{"data": [1.50, 1e2, 123456789012345678901234567890, "\\u00e9"]}', b"[]", b"null"]
)
def test_data_returns_what_was_sent_to_the_last_digit(client, body):
    assert client.post("/data", data=body, content_type=JSON).data == b'{"data":' + body + b"}"


def test_invocations_answers_as_mlflow_does(client):
    answer = client.post("/invocations", json={"inputs": [{"ID": "é", "AGE": 60}]})

    assert answer.mimetype == JSON
    assert answer.text == (
        '{"predictions": [{"ID": "\\u00e9", "solvency": 0.6, "threshold": 0.5, "decision": "Yes"}]}'
    )


@pytest.mark.parametrize(
    ("path", "body"), [("/ping", b"\n"), ("/health", b"\n"), ("/version", b"3.0")]
)
def test_mlflows_own_routes_answer_as_mlflow_does(client, path, body):
    assert client.get(path).data == body


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (UnreadableInput(), 400),
        (InvalidRows([Problem(0, "AGE", "a number")]), 422),
        (ScorerUnavailable(), 503),
        (ScorerTimeout(seconds=20), 504),
        (ScorerFailed(), 500),
    ],
)
def test_each_fault_of_the_scorer_has_its_status(client, scorer, fault, status):
    scorer.fault = fault
    answers = [
        client.post("/predict", json={"data": ROW}),
        client.post("/predict_proba", json={"data": ROW}),
        client.post("/invocations", json={"inputs": [ROW]}),
        client.get("/ping"),
        client.get("/version"),
    ]

    assert {answer.status_code for answer in answers} == {status}
    assert ("Retry-After" in answers[0].headers) == (status == 503)


def test_invalid_values_are_named_by_row_and_column_without_the_value(client, scorer):
    scorer.fault = InvalidRows(
        [Problem(0, "{AGE}", "a number", "SECRET"), Problem(1, None, "at least one column")]
    )
    answer = client.post("/predict", json={"data": ROW})

    assert answer.json["details"] == [
        {"row": 0, "column": "{AGE}", "expected": "a number"},
        {"row": 1, "expected": "at least one column"},
    ]
    assert "row 0, column {AGE}" in answer.json["error"]
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert "SECRET" not in answer.text


def test_an_unforeseen_error_is_500_and_logged_without_the_clients_data(entry, scorer, log):
    scorer.fault = ZeroDivisionError("SECRET")
    body = b'{"data": {"ID": 987654}}'
    answer = entry.ask("POST", "/predict", [("Content-Type", JSON)], body)
    failure, line = log()

    assert answer.status_code == line["status"] == 500
    assert "Zero" not in answer.text
    assert failure["type"] == "ZeroDivisionError"
    assert failure["request_id"] == answer.json["request_id"] == line["request_id"]
    assert "SECRET" not in str(failure)
    assert "987654" not in str(failure)
