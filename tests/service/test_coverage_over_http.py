"""Coverage and warnings from real processes, in both forms, and what MIN_COVERAGE refuses."""

import pytest

from tests.service import saved

KEY = "client n°155312"
FAR = {"column": "AMT_CREDIT", "warning": "far outside what training saw"}
UNKNOWN = {
    "column": "CODE_GENDER",
    "warning": "a category that training did not see, counted as missing",
}


@pytest.fixture
def example(model, make_client):
    """A client with a value in every column, each one that training saw."""
    seen = {f["name"]: f["seen"]["median"] for f in model["features"] if f["kind"] == "number"}
    return make_client(155312) | seen


def test_a_client_with_every_column_has_full_coverage_and_no_warnings(service, example):
    body = service.ask("POST", "/predict", {"data": example}).json()

    assert set(body) == {"prediction", "coverage"}
    assert body["coverage"] == {KEY: 1.0}


def test_coverage_falls_with_what_is_left_out_or_null(service, example):
    without = {name: value for name, value in example.items() if name != "EXT_SOURCE_3"}
    fewer = dict.fromkeys(example) | {"SK_ID_CURR": 155312, "AMT_CREDIT": 1e5}
    coverage = [
        service.ask("POST", "/predict_proba", {"data": client}).json()["coverage"][KEY]
        for client in (example, without, {**example, "EXT_SOURCE_3": None}, fewer)
    ]

    assert 1.0 == coverage[0] > coverage[1] == coverage[2] > coverage[3] > 0


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
def test_what_is_unlike_training_is_answered_and_named_but_not_repeated(service, example, path):
    odd = {**example, "AMT_CREDIT": 98765432101, "CODE_GENDER": "SECRET"}
    answer = service.ask("POST", path, {"data": [odd, {**example, "SK_ID_CURR": "b"}]})
    gender, credit = answer.json()["warnings"]

    assert answer.status == 200
    assert gender == {"client": KEY, **UNKNOWN}
    assert {**FAR, "client": KEY, "seen": credit["seen"]} == credit
    assert credit["seen"][0] < credit["seen"][1] < 98765432101
    assert b"SECRET" not in answer.data
    assert b"98765432101" not in answer.data


def test_invocations_answers_as_before_unless_asked_for_checks(service, example):
    odd = {**example, "CODE_GENDER": "X"}
    (plain,) = service.ask("POST", "/invocations", {"inputs": [odd]}).json()["predictions"]
    params = {"checks": True}
    bodies = [{form: [odd], "params": params} for form in ("inputs", "dataframe_records")]
    answers = [service.ask("POST", "/invocations", body).json() for body in bodies]

    assert list(plain) == ["SK_ID_CURR", "solvency", "threshold", "decision"]
    assert answers[0] == answers[1]
    (checked,) = answers[0]["predictions"]
    assert checked == {**plain, "coverage": checked["coverage"], "warnings": [UNKNOWN]}


def test_infinite_numbers_in_csv_count_as_missing(service):
    body = b"SK_ID_CURR,AMT_CREDIT,EXT_SOURCE_2\n1,inf,0.5\n2,,0.5\n"
    answer = service.ask("POST", "/invocations", body, Content_Type="text/csv")
    first, second = answer.json()["predictions"]

    assert first["solvency"] == second["solvency"]


@pytest.mark.parametrize("scorer", ["forward", "in-process"])
def test_a_client_of_whom_too_little_is_known_is_422_on_every_route(serving, example, scorer):
    little = {"SK_ID_CURR": 2, "AMT_CREDIT": 1e5}
    with serving(SCORER=scorer, MIN_COVERAGE="0.5") as service:
        service.ready()
        for path, form in (
            ("/predict", "data"),
            ("/predict_proba", "data"),
            ("/invocations", "inputs"),
            ("/invocations", "dataframe_records"),
        ):
            answer = service.ask("POST", path, {form: [example, little]})
            assert answer.status == 422, answer.data
            (detail,) = answer.json()["details"]
            assert (detail["row"], "0.5" in detail["expected"]) == (1, True)
            assert service.ask("POST", path, {form: [example]}).status == 200
        csv = b"SK_ID_CURR,AMT_CREDIT\n1,5\n"
        assert service.ask("POST", "/invocations", csv, Content_Type="text/csv").status == 422
        low = {"inputs": [little], "params": {"min_coverage": 0.0}}
        assert service.ask("POST", "/invocations", low).status == 422


def test_a_model_from_before_there_were_checks_is_served_without(serving, older):
    """A service in-process can be the scoring server of one that forwards."""
    client = {"data": {"SK_ID_CURR": 1, "AMT_CREDIT": 1}}
    with (
        serving(SCORER="in-process", MODEL=str(older)) as in_process,
        serving(SCORER_URL=in_process.url, MODEL=str(older)) as forwarding,
    ):
        for service in (in_process, forwarding):
            answer = service.ready().ask("POST", "/predict", client)
            assert answer.status == 200
            assert set(answer.json()) == {"prediction"}


def test_a_least_coverage_that_the_model_cannot_tell_stops_the_start(refused, older):
    code, said = refused(SCORER="in-process", MODEL=str(older), MIN_COVERAGE="0.5")

    assert code == 2
    assert "credit-scoring: MIN_COVERAGE is set" in said


@pytest.fixture(scope="module")
def older(tmp_path_factory, small_artifacts):
    """A model whose signature has no such params."""
    folder = tmp_path_factory.mktemp("older") / "model"
    saved.save(small_artifacts, folder, folder.with_name("scratch"))
    return folder
