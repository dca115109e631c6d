"""Decisions as a resource: who sees which, pages, contests, reviews, outcomes."""

import base64
import json

import pytest

from app.auth import digest_of
from app.errors import CannotStart
from app.flask_app import create_service
from app.model_folder import ModelFolder
from app.settings import Settings
from ledger import reading
from tests.app.caller import JSON

KEYS = {"shop": "score", "branch": "score", "desk": "review", "auditor": "audit", "till": "score"}
API_KEYS = ",".join(f"{name}:{digest_of(name)}:{role}" for name, role in KEYS.items())
REVIEW = {"action": "override", "reason": "input_wrong", "author": "4711", "text": "Two payslips."}


@pytest.fixture
def environ(tmp_path):
    return {
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "LEDGER_KEY": base64.b64encode(bytes(range(32))).decode(),
        "LEDGER_SPOOL": str(tmp_path / "spool"),
        "LEDGER": "strict",
    }


class Asker:
    """Asks an entry with the key of a name."""

    def __init__(self, entry):
        self.entry = entry

    def __call__(self, name, method, path, content=None):
        body = b"" if content is None else json.dumps(content).encode()
        headers = [("Content-Type", JSON), *([("X-API-Key", name)] if name else [])]
        return self.entry.ask(method, path, headers, body)

    def make(self, name, *ages, **params):
        data = [{"ID": f"c{number}", "AGE": age} for number, age in enumerate(ages)]
        return self(name, "POST", "/decisions", {"data": data, "params": params}).json


@pytest.fixture
def ask(environ, database, start):  # noqa: ARG001 # has the tables
    return Asker(start(**environ, API_KEYS=API_KEYS))


def test_a_decision_is_read_back_as_it_was_answered(ask, scorer):
    reason = {"code": "AGE", "sentence": {"en": "a", "fr": "b"}}
    scorer.extra = {"coverage": 0.5, "warnings": [], "reasons": [reason] * 4}
    made, other = ask.make("shop", 23, 70)
    record = ask("auditor", "GET", f"/decisions/{made['id']}").json

    assert (made["client"], made["decision"], made["solvency"]) == ("c0", "No", 0.23)
    assert other["decision"] == "Yes"
    assert made == {name: record[name] for name in made}
    assert record["reasons"] == [reason] * 4
    assert record["inputs"] == {"ID": "c0", "AGE": 23}
    assert record["model"] == {"name": "mlruns_reduced", "version": "m-1", "digest": ""}
    assert (record["key"], record["outcome"], record["reviews"]) == ("shop", None, [])


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("keep", "kept"), [("no", 0), ("yes", 1)])
def test_a_trial_is_answered_and_kept_only_where_the_settings_say_so(environ, start, keep, kept):
    ask = Asker(start(**environ, API_KEYS=API_KEYS, KEEP_TRIALS=keep))
    headers = [("Content-Type", JSON), ("X-API-Key", "shop"), ("X-Trial", "true")]
    body = json.dumps({"data": {"ID": 7, "AGE": 60}}).encode()
    answer = ask.entry.ask("POST", "/predict_proba", headers, body)

    assert answer.json["prediction"]["client n°7"]["niveau de solvabilité"] == 0.6
    assert ("decisions" in answer.json) == bool(kept)
    assert len(ask("auditor", "GET", "/decisions").json["decisions"]) == kept


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
def test_the_old_routes_add_the_ids_by_client(ask, scorer, path):
    scorer.extra = {"coverage": 0.5, "warnings": [], "reasons": []}
    answer = ask("shop", "POST", path, {"data": {"ID": 7, "AGE": 60}}).json

    assert list(answer) == ["prediction", "coverage", "decisions"]
    [(client, id_)] = answer["decisions"].items()
    assert client == "client n°7"
    assert ask("desk", "GET", f"/decisions/{id_}").json["client"] == "7"


@pytest.mark.parametrize("columns", [False, True])
def test_mlflow_s_route_keeps_more_than_it_answers(ask, scorer, database, columns):
    reasons = [{"sentence": {"en": "a", "fr": "b"}}] * 4
    scorer.extra = {"coverage": 0.5, "warnings": [], "reasons": reasons}
    table = {"AGE": [23, 61]} if columns else [{"AGE": 23}, {"AGE": 61}]
    params = {"reasons": 1, "lang": "fr"}
    answers = [
        ask("shop", "POST", "/invocations", {"inputs": table, "params": asked}).json
        for asked in ({}, params)
    ]
    kept = [record.decision for record in reading.page(database).records]

    plain = {"ID", "solvency", "threshold", "decision"}
    assert {*answers[0]["predictions"][0]} == plain
    assert answers[1]["predictions"][1]["reasons"] == [{"sentence": "b"}]
    assert len(kept) == 4
    assert {each.client for each in kept} == {""}
    assert {each.inputs for each in kept} == {'{"AGE":23}', '{"AGE":61}'}
    assert all(json.loads(each.reasons) == reasons for each in kept)
    assert all(each.coverage == 0.5 for each in kept)


def test_a_key_sees_what_its_roles_allow_and_nothing_else_exists_for_it(ask):
    [made] = ask.make("shop", 23)
    path = f"/decisions/{made['id']}"
    seen = {name: ask(name, "GET", path).status_code for name in KEYS}

    assert seen == {"shop": 200, "branch": 404, "desk": 200, "auditor": 200, "till": 404}
    assert ask(None, "GET", path).status_code == 401
    assert ask("unknown", "GET", path).status_code == 401
    for name in KEYS:
        scores = 200 if KEYS[name] == "score" else 404
        assert ask(name, "POST", "/predict", {"data": {"ID": 1}}).status_code == scores
        reviews = 200 if KEYS[name] in ("review", "audit") else 404
        assert ask(name, "GET", "/reviews").status_code == reviews
        assert ask(name, "GET", "/reviews/report").status_code == reviews
        answer = ask(name, "POST", f"{path}/review", REVIEW | {"author": name})
        assert answer.status_code == (200 if name == "desk" else 404)
        assert ask(name, "POST", "/outcomes", {"data": []}).status_code == (
            200 if name == "desk" else 404
        )
    assert ask("branch", "POST", f"{path}/contest", {"text": "no"}).status_code == 404
    listed = ask("branch", "GET", "/decisions").json["decisions"]
    assert {each["key"] for each in listed} == {"branch"}


def test_without_keys_clients_are_scored_and_nothing_is_read(environ, database, start):
    ask = Asker(start(**environ))
    [made] = ask.make(None, 23)

    assert ask(None, "GET", f"/decisions/{made['id']}").status_code == 401
    assert ask(None, "GET", "/decisions").status_code == 401
    assert reading.get(database, made["id"]).decision.key_name == ""


def test_pages_go_from_the_newest_to_the_oldest_and_are_filtered(ask):
    made = [each["id"] for _ in range(3) for each in ask.make("shop", 23, 70)]
    ask.make("branch", 23)
    seen, cursor = [], ""
    while cursor is not None:
        found = ask("shop", "GET", f"/decisions?limit=4{cursor and f'&cursor={cursor}'}").json
        seen += [each["id"] for each in found["decisions"]]
        cursor = found["cursor"]

    def count(query):
        return len(ask("auditor", "GET", f"/decisions?{query}").json["decisions"])

    assert seen == made[::-1]
    assert count("") == 7
    assert count("client=c1") == count("decision=Yes") == 3
    assert count("client=c0&decision=Yes") == count("to=2020-01-01") == count("cursor=x") == 0
    assert count("from=2020-01-01T00:00:00Z") == 7


@pytest.mark.parametrize(
    "query", ["x=1", "limit=0", "limit=501", "decision=Maybe", "from=today", "to=1&to=2"]
)
def test_a_query_that_cannot_be_understood_is_400(ask, query):
    assert ask("auditor", "GET", f"/decisions?{query}").status_code == 400


def test_a_contested_decision_is_reviewed_once_and_never_changed(ask):
    [made] = ask.make("shop", 23)
    path = f"/decisions/{made['id']}"
    contested = ask("shop", "POST", f"{path}/contest", {"text": "My income is higher."})
    again = ask("shop", "POST", f"{path}/contest", {"text": "Again."})
    [waiting] = ask("desk", "GET", "/reviews?open").json["decisions"]
    reviewed = ask("desk", "POST", f"{path}/review", REVIEW)
    twice = ask("desk", "POST", f"{path}/review", REVIEW | {"author": "4712"})

    assert contested.json["contest"]["text"] == "My income is higher."
    assert again.status_code == twice.status_code == 409
    assert waiting["id"] == made["id"]
    assert reviewed.json["decision"] == "No"
    [review] = reviewed.json["reviews"]
    assert REVIEW == {name: review[name] for name in REVIEW}
    assert ask("desk", "GET", "/reviews?open").json == {"decisions": []}


def test_outcomes_are_recorded_once_and_reported_by_review(ask):
    [made] = ask.make("shop", 23)
    ask("desk", "POST", f"/decisions/{made['id']}/review", REVIEW)
    row = {"client": "c0", "outcome": "repaid", "date": "2100-01-01"}
    rows = [row, row, row | {"outcome": "defaulted"}, row | {"client": "c9"}]
    answer = ask("desk", "POST", "/outcomes", {"data": rows})
    report = ask("auditor", "GET", "/reviews/report").json

    assert answer.json == {"results": ["recorded", "unchanged", "conflict", "unknown"]}
    assert ask("shop", "GET", f"/decisions/{made['id']}").json["outcome"]["outcome"] == "repaid"
    assert report["overrides"] == [{"reason": "input_wrong", "author": "4711", "count": 1}]
    assert report["agreement"] == 0
    assert report["outcomes"] == [
        {"action": "override", "decision": "No", "outcome": "repaid", "count": 1}
    ]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("contest", {}),
        ("contest", {"text": ""}),
        ("contest", {"text": "a", "more": 1}),
        ("contest", []),
        ("review", REVIEW | {"action": "change"}),
        ("review", REVIEW | {"reason": "mood"}),
        ("review", REVIEW | {"author": "a" * 101}),
        ("review", {"action": "confirm"}),
    ],
)
def test_a_body_of_another_form_is_400(ask, path, content):
    [made] = ask.make("shop", 23)

    assert ask("desk", "POST", f"/decisions/{made['id']}/{path}", content).status_code == 400


@pytest.mark.parametrize(
    "row",
    [
        1,
        {"client": 1, "outcome": "repaid"},
        {"client": 1, "outcome": "late", "date": "2026-11-20"},
        {"client": 1, "outcome": "repaid", "date": "20 November"},
        {"client": 1, "decision": "a", "outcome": "repaid", "date": "2026-11-20"},
        {"outcome": "repaid", "date": "2026-11-20"},
    ],
)
def test_an_outcome_of_another_form_is_400_naming_its_row(ask, row):
    good = {"client": 1, "outcome": "repaid", "date": "2026-11-20"}
    answer = ask("desk", "POST", "/outcomes", {"data": [good, row]})

    assert answer.status_code == 400
    assert "row 1" in answer.json["error"]


@pytest.mark.parametrize("id_", ["x", "01937a3c-5a4e-7c3b-8f21-0a1b2c3d4e5f", "é", "a%2Fb"])
def test_a_decision_that_does_not_exist_is_404(ask, id_):
    for method, path in (("GET", ""), ("POST", "/review"), ("POST", "/contest")):
        content = REVIEW if path == "/review" else {"text": "a"}
        answer = ask("desk", method, f"/decisions/{id_}{path}", content)

        assert answer.status_code == 404


def test_a_database_without_tables_is_503(environ, start):
    ask = Asker(start(**environ, API_KEYS=API_KEYS))
    answers = [
        ask("shop", "POST", "/predict", {"data": {"ID": 1}}),
        ask("auditor", "GET", "/decisions"),
    ]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].headers["Retry-After"]


def test_without_a_database_nothing_is_kept_and_the_routes_do_not_exist(entry):
    assert entry.ask("GET", "/").json["decisions_kept"] is False
    for method, path in (("POST", "/decisions"), ("GET", "/decisions/x"), ("GET", "/reviews")):
        assert entry.ask(method, path).status_code == 404
    answer = entry.ask(
        "POST", "/predict", [("Content-Type", JSON)], b'{"data": {"ID": 1, "AGE": 60}}'
    )
    assert answer.json == {"prediction": {"client n°1": "Yes"}}


def test_the_welcome_says_that_decisions_are_kept_and_lists_their_routes(ask):
    body = ask(None, "GET", "/").json

    assert body["decisions_kept"] is True
    assert "/decisions/{id}" in {route["path"] for route in body["routes"]}


@pytest.mark.parametrize("wrong", [{"LEDGER_KEY": "x"}, {"DATABASE_URL": "mysql://x"}])
def test_a_setting_of_the_ledger_that_cannot_be_used_stops_the_start(environ, scorer, wrong):
    with pytest.raises(CannotStart, match=next(iter(wrong))):
        create_service(Settings.from_environ(environ | wrong), scorer)


LENDER = {"LENDER_NAME": "Banque X", "LENDER_CONTACT": "12 rue Y, Paris"}


@pytest.fixture
def noticed(environ, database, start, scorer, model_folder):  # noqa: ARG001 # has the tables
    """A function: variables -> an asker whose model gives counterfactuals, and a refused client."""
    params = json.dumps([{"name": name} for name in ("reasons", "counterfactuals")])
    (model_folder / "MLmodel").write_text(f"signature: {{params: '{params}'}}")
    scorer.model = ModelFolder.read(model_folder)
    change = {"column": "AGE", "from": 23.0, "to": 51.0}
    sentence = {"en": "Your age.", "fr": "Votre âge."}
    reason = {"code": "AGE", "feature": "AGE", "value": 23.0, "sentence": sentence}
    scorer.extra = {
        "reasons": [reason],
        "counterfactuals": [{"changes": [change], "solvency": 0.51}],
    }

    def made(**more):
        ask = Asker(start(**environ, API_KEYS=API_KEYS, **more))
        [decision] = ask.make("shop", 23)
        return ask, decision

    return made


def test_a_decision_asks_for_what_would_have_changed_it_and_keeps_it(noticed, scorer):
    ask, made = noticed()
    record = ask("desk", "GET", f"/decisions/{made['id']}").json

    assert scorer.params["counterfactuals"] == 3
    assert made["counterfactuals"] == record["counterfactuals"]
    assert record["counterfactuals"] == scorer.extra["counterfactuals"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/plain", "text/plain"),
    ],
)
def test_a_notice_comes_in_the_form_and_language_asked_for(noticed, accept, media_type):
    ask, made = noticed(**LENDER)
    path = f"/decisions/{made['id']}/notice"
    headers = [("X-API-Key", "shop"), *([("Accept", accept)] if accept else [])]
    english, french = (
        ask.entry.ask("GET", f"{path}{query}", headers, b"") for query in ("", "?lang=fr")
    )

    assert english.headers["Content-Type"].startswith(media_type)
    assert english.headers["Vary"] == "Accept"
    assert "Your age" in english.text
    assert "Votre âge" in french.text
    assert "Banque X" in french.text
    assert french.data == ask.entry.ask("GET", f"{path}?lang=fr", headers, b"").data


def test_a_notice_is_seen_by_those_who_see_the_decision(noticed):
    ask, made = noticed(**LENDER)
    path = f"/decisions/{made['id']}/notice"
    seen = {name: ask(name, "GET", path).status_code for name in KEYS}

    assert seen == {"shop": 200, "branch": 404, "desk": 200, "auditor": 200, "till": 404}
    assert ask("desk", "GET", f"{path}?lang=de").status_code == 400
    assert ask("desk", "GET", f"{path}?language=fr").status_code == 400


def test_without_someone_to_write_to_there_are_no_notices(noticed):
    ask, made = noticed()
    answer = ask("desk", "GET", f"/decisions/{made['id']}/notice")

    assert answer.status_code == 503
    assert "LENDER_NAME" in answer.json["error"]
