"""The Flask application alone and the ASGI application give the same answers."""

import json

import pytest

from app.auth import digest_of
from tests.app.caller import ENTRIES, JSON

KEY = "cs_shop"
PAGE = "https://shop.example"
SENT = [("Content-Type", JSON)]
ENVIRON = {"CORS_ORIGINS": PAGE, "MAX_BYTES": "500", "MAX_ROWS": "2"}


def body(content):
    return json.dumps(content).encode()


CLIENT = body({"data": {"ID": 1, "AGE": 60}})

REQUESTS = [
    ("GET", "/", [], b"", 200),
    ("GET", "/", [("Accept", "text/html")], b"", 200),
    ("GET", "/docs", [], b"", 200),
    ("GET", "/static/page.js", [], b"", 200),
    ("GET", "/static/nope", [], b"", 404),
    ("GET", "/static/../routes.py", [], b"", 404),
    ("GET", "/features", [], b"", 200),
    ("GET", "/best_threshold?x=1", [], b"", 200),
    ("GET", "/ping", [], b"", 200),
    ("GET", "/health", [], b"", 200),
    ("GET", "/version", [], b"", 200),
    ("GET", "/health/live", [], b"", 200),
    ("GET", "/health/ready", [], b"", 200),
    ("HEAD", "/features", [], b"", 200),
    ("HEAD", "/predict", [], b"", 405),
    ("OPTIONS", "/predict", [], b"", 200),
    ("OPTIONS", "/predict", [("Origin", PAGE)], b"", 200),
    ("OPTIONS", "/nope", [("Origin", PAGE)], b"", 404),
    ("GET", "/predict", [], b"", 405),
    ("DELETE", "/features", [], b"", 405),
    ("TRACE", "/", [], b"", 405),
    ("GET", "/nope", [], b"", 404),
    ("POST", "/nope", SENT, CLIENT, 404),
    ("GET", "/predict/", [], b"", 404),
    ("GET", "//metrics", [], b"", 404),
    ("GET", "/%2fmetrics", [], b"", 404),
    ("GET", "/health//live", [("Host", "evil.example")], b"", 404),
    ("POST", "//predict", SENT, CLIENT, 404),
    ("POST", "/predict", SENT, CLIENT, 200),
    ("POST", "/predict", [*SENT, ("Origin", PAGE)], CLIENT, 200),
    ("POST", "/predict", [*SENT, ("Origin", "https://evil.example")], CLIENT, 200),
    ("POST", "/predict_proba", SENT, CLIENT, 200),
    ("POST", "/data", [("Content-Type", f"{JSON}; charset=UTF-8")], b' [1.50, "\xc3\xa9"]', 200),
    ("POST", "/invocations", SENT, body({"inputs": [{"ID": 1, "AGE": 60}]}), 200),
    ("POST", "/invocations", [("Content-Type", "text/csv")], b"ID,AGE\n1,60\n", 200),
    ("POST", "/predict", SENT, b"{not json", 400),
    ("POST", "/predict", SENT, body({"data": [{"ID": 1}, {"ID": 1}]}), 400),
    ("POST", "/predict", SENT, body({"data": {"ID": 1}, "params": {"reason": 3}}), 400),
    ("POST", "/predict_proba", SENT, body({"data": {"ID": 1}, "params": {"reasons": "x"}}), 400),
    ("POST", "/invocations", SENT, body({"inputs": [{"ID": 1}], "params": {"x": 1}}), 400),
    ("POST", "/predict", SENT, body({"data": [{"ID": n} for n in range(3)]}), 413),
    ("POST", "/invocations", SENT, body({"inputs": [{"ID": n} for n in range(3)]}), 413),
    ("POST", "/data", SENT, b" " * 501, 413),
    ("POST", "/predict", [], CLIENT, 415),
    ("POST", "/data", [("Content-Type", f"{JSON}; charset=latin-1")], b"1", 415),
    ("POST", "/data", [*SENT, ("Content-Encoding", "gzip")], b"\x1f\x8b", 415),
    ("POST", "/predict", [("Content-Type", "text/csv")], b"ID\n1\n", 415),
    ("GET", "/features", [("X-Long", "x" * 65536)], b"", 431),
    ("GET", "/nope", [("X-Long", "x" * 65536)], b"", 431),
    ("POST", "/predict", [*SENT, *((f"X-{n}", "1") for n in range(101))], CLIENT, 431),
    ("GET", "/best_threshold?" + "x" * 65536, [], b"", 431),
]


def asked(service, environ, method, path, headers, sent):
    """The answer of each entry as plain values."""
    answers = []
    for entry in ENTRIES.values():
        got = entry(service(**environ)).ask(method, path, [*headers, ("X-Request-ID", "1")], sent)
        fields = [(n.lower(), v) for n, v in got.headers.items() if n not in {"Date", "Allow"}]
        allowed = set(got.headers.get("Allow", "").split(", "))
        answers.append((got.status_code, sorted(fields), allowed, got.data))
    return answers


@pytest.mark.parametrize(
    ("method", "path", "headers", "sent", "status"),
    REQUESTS,
    ids=[f"{r[0]} {r[1][:20]} {r[4]} {number}" for number, r in enumerate(REQUESTS)],
)
def test_both_entries_answer_alike(service, method, path, headers, sent, status):
    flask, asgi = asked(service, ENVIRON, method, path, headers, sent)

    assert flask == asgi
    assert flask[0] == status
    assert b"evil" not in flask[3]
    if status >= 400 and method != "HEAD":
        assert set(json.loads(flask[3])) == {"error", "details", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/features", 401),
        ("HEAD", "/features", 401),
        ("HEAD", "/metrics", 401),
        ("GET", "//features", 404),
        ("GET", "//metrics", 404),
        ("GET", "///metrics", 404),
        ("GET", "/%2fmetrics", 404),
        ("GET", "/%2Ffeatures", 404),
        ("GET", "/./features", 404),
        ("GET", "/features/", 404),
        ("GET", "/FEATURES", 404),
        ("POST", "/predict", 401),
        ("POST", "//predict", 404),
        ("OPTIONS", "/predict", 200),
        ("GET", "/predict", 405),
        ("GET", "/best_threshold", 200),
    ],
)
def test_no_form_of_a_path_passes_the_key(service, method, path, status):
    keys = {"API_KEYS": f"shop:{digest_of(KEY)}"}
    flask, asgi = asked(service, keys, method, path, SENT, b"")

    assert flask == asgi
    assert flask[0] == status
    assert b"columns" not in flask[3]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", {"POST", "OPTIONS"}),
        ("DELETE", "/features", {"GET", "HEAD", "OPTIONS"}),
        ("HEAD", "/invocations", {"POST", "OPTIONS"}),
    ],
)
def test_a_wrong_method_names_the_allowed_ones(entry, method, path, allowed):
    answer = entry.ask(method, path)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_head_has_the_headers_of_get_and_no_body(entry):
    answer = entry.ask("HEAD", "/features")

    assert int(answer.headers["Content-Length"]) > 0
    assert answer.data == b""


@pytest.mark.parametrize("length", ["501", "-1", "many"])
def test_the_stated_length_is_checked_before_the_body_is_read(start, length):
    headers = [*SENT, ("Content-Length", length)]

    assert start(**ENVIRON).ask("POST", "/data", headers).status_code == 413


def test_a_body_of_exactly_the_limit_is_read(start):
    assert start(**ENVIRON).ask("POST", "/data", SENT, b"[]".ljust(500)).status_code == 200
