"""What browsers are told of every answer."""

import pytest

PAGE = "https://shop.example"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("POST", "/predict"), ("GET", "/nope"), ("GET", "/docs"), ("DELETE", "/data")],
)
def test_every_answer_carries_the_standard_headers(client, method, path):
    headers = client.open(path, method=method).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_no_other_site_may_read_answers_unless_it_is_named(client, shim):
    asked = {"Origin": PAGE}
    named = shim(CORS_ORIGINS=f"{PAGE},https://other.example")

    assert "Access-Control-Allow-Origin" not in client.get("/", headers=asked).headers
    assert named.get("/", headers=asked).headers["Access-Control-Allow-Origin"] == PAGE
    assert "Origin" in named.get("/").headers.getlist("Vary")
    elsewhere = named.get("/", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in elsewhere.headers


def test_a_named_site_may_send_a_key(shim):
    answer = shim(CORS_ORIGINS=PAGE).options("/predict", headers={"Origin": PAGE})

    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
