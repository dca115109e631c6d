"""API keys and their rates."""

import multiprocessing
import subprocess
import sys

import pytest

from app.auth import Authentication, TokenBuckets, digest_of, is_loopback, make_key, read_keys
from app.errors import InvalidSetting
from app.routes import ROUTES
from app.settings import Settings
from tests.app.caller import JSON

SHOP, BRANCH = make_key(), make_key()
KEYS = f"shop:{digest_of(SHOP)},branch:{digest_of(BRANCH)}"
CLIENT = b'{"data": {"ID": 1, "AGE": 60}}'


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def predict(entry, headers):
    return entry.ask("POST", "/predict", [("Content-Type", JSON), *headers.items()], CLIENT)


@pytest.fixture
def guarded(start):
    return start(API_KEYS=KEYS)


@pytest.mark.parametrize(
    "headers", [bearer(SHOP), {"Authorization": f"bearer  {SHOP} "}, {"X-API-Key": BRANCH}]
)
def test_a_known_key_is_accepted_in_either_header(guarded, headers):
    assert predict(guarded, headers).status_code == 200


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
def test_anything_else_is_401_with_the_same_sentence(guarded, headers):
    answer = predict(guarded, headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["error"] == guarded.ask("GET", "/features").json["error"]


def test_the_post_routes_and_those_that_show_training_data_need_a_key(guarded):
    statuses = {r.path: guarded.ask(r.method, r.path).status_code for r in ROUTES}

    posted = {route.path for route in ROUTES if route.method == "POST"}
    protected = posted | {"/features", "/model", "/openapi.json", "/metrics"}
    assert {path for path, status in statuses.items() if status == 401} == protected


def test_the_log_names_the_key_and_never_shows_it(guarded, log):
    predict(guarded, bearer(BRANCH))
    [line] = log()

    assert line["key"] == "branch"
    assert BRANCH not in str(line)


def test_the_page_asks_for_the_key_and_shows_no_figure_of_the_training_data(shim, client):
    guarded, html = shim(API_KEYS=KEYS), {"Accept": "text/html"}

    assert 'id="key"' in guarded.get("/", headers=html).text
    assert "AGE" not in guarded.get("/", headers=html).text
    assert 'id="key"' not in client.get("/", headers=html).text
    assert 'id="key"' in guarded.get("/docs").text


def test_more_than_the_rate_is_429_for_that_key_alone(start):
    guarded = start(API_KEYS=KEYS, RATE_LIMIT="0.001")
    first, second, other = (predict(guarded, bearer(key)) for key in (SHOP, SHOP, BRANCH))

    assert [answer.status_code for answer in (first, second, other)] == [200, 429, 200]
    assert int(second.headers["Retry-After"]) > 100


def test_a_key_that_is_refused_takes_nothing_of_a_rate(start):
    guarded = start(API_KEYS=KEYS, RATE_LIMIT="0.001")
    for _ in range(3):
        assert predict(guarded, bearer("unknown")).status_code == 401

    assert predict(guarded, bearer(SHOP)).status_code == 200


def take(directory, results):
    results.put(TokenBuckets(["branch", "shop"], 3, directory).take("shop"))


def test_all_processes_take_tokens_from_one_bucket(tmp_path):
    spawn = multiprocessing.get_context("fork")
    results = spawn.Queue()
    for _ in range(5):
        process = spawn.Process(target=take, args=(str(tmp_path), results))
        process.start()
        process.join()
    waits = [results.get() for _ in range(5)]

    assert waits[:3] == [0, 0, 0]
    assert TokenBuckets(["branch", "shop"], 3, str(tmp_path)).take("branch") == 0


@pytest.mark.parametrize(
    "text",
    [
        "shop",
        "shop:abc",
        f"shop:{digest_of('a')},",
        f"a b:{digest_of('a')}",
        f"shop:{digest_of('a')}:",
        f"shop:{digest_of('a')}:owner",
        f"shop:{digest_of('a')}:score+",
        pytest.param(SHOP, id="a key"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_without_being_quoted(text):
    with pytest.raises(InvalidSetting, match=r"^API_KEYS must be") as caught:
        Settings.from_environ({"API_KEYS": text})

    assert text not in str(caught.value)


def test_a_name_may_have_two_keys_while_one_is_replaced():
    keys = read_keys(f"shop:{digest_of('old')}, shop:{digest_of('new')}")
    authentication = Authentication(keys, None, None)

    found = [authentication.check({"x-api-key": key}) for key in ("old", "new")]
    assert [key.name for key in found] == ["shop"] * 2


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a", False)],
)
def test_loopback_addresses_are_known(host, is_local):
    assert is_loopback(host) == is_local


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "app.key", *arguments], capture_output=True, text=True, check=False
    )


def test_the_command_makes_a_key_that_its_entry_accepts(shim):
    key, entry = (line.rpartition(": ")[2] for line in command("till-7").stdout.splitlines())

    assert entry.startswith("till-7:")
    assert key not in entry
    assert shim(API_KEYS=entry).post("/data", json=1, headers=bearer(key)).status_code == 200


def test_the_command_writes_the_roles_into_the_entry():
    entry = command("desk", "review+audit").stdout.splitlines()[1].rpartition(": ")[2]

    [key] = read_keys(entry)
    assert key.roles == {"review", "audit"}
    assert command("desk", "owner").returncode == 2


def test_the_command_refuses_a_name_that_cannot_stand_in_a_list():
    ran = command("a,b")

    assert ran.returncode == 2
    assert not ran.stdout
