"""Who may ask, and how often."""

import os
import subprocess
import sys

import pytest

from app.access.buckets import Buckets
from app.access.keys import digest_of, make_key, name_of, read_keys
from app.errors import InvalidSetting
from app.routes import ROUTES
from app.settings import Settings

SHOP, BRANCH = make_key(), make_key()
KEYS = f"shop:{digest_of(SHOP)},branch:{digest_of(BRANCH)}"
BODY = {"data": {"ID": 1, "AGE": 60}}
PROTECTED = {"/features", "/openapi.json", "/metrics"}


@pytest.fixture
def guarded(shim):
    return shim(API_KEYS=KEYS)


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    "headers", [bearer(SHOP), {"Authorization": f"bearer  {SHOP} "}, {"X-API-Key": BRANCH}]
)
def test_a_known_key_is_let_in_by_either_header(guarded, headers):
    assert guarded.post("/predict", json=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer(""),
        bearer(SHOP[:-1]),
        bearer(SHOP.swapcase()),
        bearer(digest_of(SHOP)),
        bearer("é\xff"),
        {"Authorization": f"Basic {SHOP}"},
        {"X-API-Key": "shop"},
    ],
)
def test_anything_else_is_401_with_one_and_the_same_sentence(guarded, headers):
    answer = guarded.post("/predict", json=BODY, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["error"] == guarded.get("/features").json["error"]
    assert set(answer.json) == {"error", "details", "request_id"}


def test_every_post_route_and_what_tells_of_the_training_data_needs_a_key(guarded):
    statuses = {r["path"]: guarded.open(r["path"], method=r["method"]).status_code for r in ROUTES}

    posted = {route["path"] for route in ROUTES if route["method"] == "POST"}
    assert {path for path, status in statuses.items() if status == 401} == posted | PROTECTED
    assert guarded.head("/features").status_code == 401


def test_a_path_that_is_no_route_is_404_with_and_without_a_key(guarded):
    assert guarded.post("/nope").status_code == guarded.get("/nope").status_code == 404


def test_without_keys_everybody_may_ask(client):
    assert client.post("/predict", json=BODY).status_code == 200


def test_the_log_names_the_key_and_never_shows_it(guarded, capsys):
    guarded.post("/predict", json=BODY, headers=bearer(BRANCH))
    logged = capsys.readouterr().err

    assert '"key":"branch"' in logged
    assert BRANCH not in logged


def test_the_page_asks_for_the_key_and_shows_no_figure_of_the_training_data(guarded, client):
    html = {"Accept": "text/html"}

    assert 'id="key"' in guarded.get("/", headers=html).text
    assert "typically" not in guarded.get("/", headers=html).text
    assert 'id="key"' not in client.get("/", headers=html).text
    assert 'id="key"' in guarded.get("/docs").text


def test_the_document_says_which_routes_need_a_key(guarded, client):
    document = guarded.get("/openapi.json", headers=bearer(SHOP)).json

    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    assert document["paths"]["/predict"]["post"]["security"]
    assert "401" in document["paths"]["/features"]["get"]["responses"]
    assert "401" not in document["paths"]["/best_threshold"]["get"]["responses"]
    assert "securitySchemes" not in client.get("/openapi.json").json["components"]


def test_more_than_the_rate_is_429_for_that_key_alone(shim):
    guarded = shim(API_KEYS=KEYS, RATE_LIMIT="3")
    asked = [guarded.post("/predict", json=BODY, headers=bearer(SHOP)) for _ in range(6)]
    other = guarded.post("/predict", json=BODY, headers=bearer(BRANCH))

    assert [answer.status_code for answer in asked[:3]] == [200] * 3
    assert asked[-1].status_code == 429
    assert int(asked[-1].headers["Retry-After"]) >= 1
    assert other.status_code == 200


def test_a_rate_without_keys_is_refused(shim):
    with pytest.raises(InvalidSetting, match="RATE_LIMIT must be set beside API_KEYS"):
        shim(RATE_LIMIT="3")


def test_all_processes_take_tokens_from_one_bucket():
    buckets = Buckets(["shop"], 0.001)
    child = os.fork()
    if child == 0:
        os._exit(buckets.take("shop") != 0)

    assert os.waitpid(child, 0)[1] == 0  # it got the only token
    assert buckets.take("shop") > 100


@pytest.mark.parametrize(
    "text",
    [
        "shop",
        "shop:abc",
        f"shop:{digest_of('a')},",
        f"a b:{digest_of('a')}",
        pytest.param(SHOP, id="a key"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_without_being_repeated(text):
    with pytest.raises(InvalidSetting, match=r"^API_KEYS must be") as caught:
        Settings.from_environ({"API_KEYS": text})

    assert text not in str(caught.value)


def test_a_name_may_have_two_keys_while_one_is_replaced():
    keys = read_keys(f"shop:{digest_of('old')}, shop:{digest_of('new')}")

    assert name_of("old", keys) == name_of("new", keys) == "shop"


@pytest.mark.process
def test_the_command_makes_a_key_that_its_entry_lets_in(shim):
    ran = subprocess.run(
        [sys.executable, "-m", "app.key", "till-7"], capture_output=True, text=True, check=True
    )
    key, entry = (line.rpartition(": ")[2] for line in ran.stdout.splitlines())

    assert entry.startswith("till-7:")
    assert key not in entry
    assert shim(API_KEYS=entry).post("/data", json=1, headers=bearer(key)).status_code == 200


@pytest.mark.process
def test_the_command_refuses_a_name_that_cannot_stand_in_a_list():
    ran = subprocess.run([sys.executable, "-m", "app.key", "a,b"], capture_output=True, text=True)

    assert ran.returncode == 2
    assert not ran.stdout
