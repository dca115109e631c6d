"""Every route, from a real shim in front of a real `mlflow models serve`, and in-process."""

import pytest


def test_welcome_lists_the_routes(service):
    answer = service.ask("GET", "/")

    assert answer.status == 200
    assert {"/predict", "/predict_proba"} < {route["path"] for route in answer.json()["routes"]}


def test_features_are_those_of_the_contract(service, model):
    body = service.ask("GET", "/features").json()

    assert body["features"] == model["features"]
    assert body["columns"] == [feature["name"] for feature in model["features"]]


def test_best_threshold_is_that_of_the_model(service, shipped):
    threshold = float((shipped / "best_threshold").read_text())

    assert service.ask("GET", "/best_threshold").json() == {"best_threshold": threshold}


def test_predict_and_predict_proba_agree(service, make_client):
    body = {"data": [make_client(id_) for id_ in (155312, "b", -3)]}
    decisions = service.ask("POST", "/predict", body).json()["prediction"]
    levels = service.ask("POST", "/predict_proba", body).json()["prediction"]

    assert list(decisions) == list(levels) == ["client n°155312", "client n°b", "client n°-3"]
    for name, level in levels.items():
        assert 0 <= level["niveau de solvabilité"] <= 1
        yes = level["niveau de solvabilité"] >= level["seuil"]
        assert decisions[name] == ("Yes" if yes else "No")


def test_one_known_column_is_enough_and_accents_are_not_escaped(service, model):
    feature = model["features"][0]
    body = {"data": {model["id"]: 155312, feature["name"]: 0}}
    answer = service.ask("POST", "/predict_proba", body)

    assert answer.status == 200
    assert '{"prediction":{"client n°155312":{"niveau de solvabilité":' in answer.data.decode()


def test_data_comes_back_unchanged(service):
    assert service.ask("POST", "/data", b'{"a": 1.50}').data == b'{"data":{"a": 1.50}}'


@pytest.mark.parametrize("form", ["inputs", "dataframe_records", "instances"])
def test_invocations_takes_mlflows_json_formats(service, make_client, form):
    client = make_client(1)
    [prediction] = service.ask("POST", "/invocations", {form: [client]}).json()["predictions"]
    level = service.ask("POST", "/predict_proba", {"data": client}).json()["prediction"]

    assert prediction["solvency"] == level["client n°1"]["niveau de solvabilité"]


def test_invocations_takes_csv(service, model, make_client):
    client = make_client(1)
    csv = f"{','.join(client)}\n{','.join(map(str, client.values()))}\n".encode()
    answer = service.ask("POST", "/invocations", csv, Content_Type="text/csv")
    level = service.ask("POST", "/predict_proba", {"data": client}).json()["prediction"]

    [prediction] = answer.json()["predictions"]
    assert prediction[model["id"]] == 1
    assert prediction["solvency"] == level["client n°1"]["niveau de solvabilité"]


def test_mlflows_own_routes_answer(service):
    assert service.ask("GET", "/ping").data == service.ask("GET", "/health").data == b"\n"
    assert service.ask("GET", "/version").data.startswith(b"3.")


def test_both_forms_answer_the_same_bytes(forwarding, in_process, model, make_client):
    column = model["features"][-1]["name"]
    id_ = model["id"]
    clients = [make_client(number) for number in range(20)]
    odd = [
        {id_: "c", column: None, "AMT_CREDIT": 5, "unknown": "é"},
        {id_: 2**63, column: 12345678901234567890123, "nested": [1, [2]]},
        {id_: -1, column: -0.0},
    ]
    bad = [{id_: 1, column: "text"}, {id_: 2, column: [1, [2]]}, {id_: 3}, {id_: 4, column: True}]
    asked = [
        ("/predict", {"data": clients + odd}),
        ("/predict_proba", {"data": clients + odd}),
        ("/predict", {"data": bad}),
        ("/invocations", {"inputs": clients}),
        ("/invocations", {"inputs": clients, "params": {"threshold": 0.9}}),
        ("/invocations", {"dataframe_records": clients}),
        ("/invocations", {"inputs": bad}),
        ("/invocations", {"inputs": "nothing"}),
        ("/invocations", {"neither": 1}),
        ("/ping", None),
        ("/version", None),
    ]
    for path, body in asked:
        method = "GET" if body is None else "POST"
        ours, theirs = (
            form.ask(method, path, body, X_Request_ID="same") for form in (forwarding, in_process)
        )
        assert (ours.status, ours.data) == (theirs.status, theirs.data), path
        assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]
