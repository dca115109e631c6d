"""Keys, from real processes: what is protected, who is warned, and who listens where."""

import re
from pathlib import Path

import pytest

from app.access.keys import digest_of, make_key

KEY = make_key()
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def guarded(serving, shipped):
    entry = f"shop:{digest_of(KEY)}"
    with serving(SCORER="in-process", MODEL=str(shipped), API_KEYS=entry, WORKERS="2") as service:
        yield service.ready()


def test_a_request_without_a_key_is_401_and_one_with_it_is_answered(guarded, make_client):
    body = {"data": make_client(1)}
    refused = guarded.ask("POST", "/predict", body)

    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert guarded.ask("POST", "/predict", body, **BEARER).status == 200
    assert guarded.ask("POST", "/predict", body, X_API_Key=KEY).status == 200
    assert guarded.ask("GET", "/features").status == 401
    assert guarded.ask("GET", "/health/ready").status == 200


def test_the_log_names_the_key_but_holds_neither_it_nor_its_hash(guarded, make_client):
    guarded.ask("POST", "/predict", {"data": make_client(1)}, X_Request_ID="mine", **BEARER)
    line = next(line for line in guarded.lines() if line.get("request_id") == "mine")

    assert (line["key"], line["route"], line["status"], line["rows"]) == (
        "shop",
        "/predict",
        200,
        1,
    )
    assert line["model"].startswith("m-")
    assert line["ms"] > 0
    assert KEY not in guarded.log.read_text()
    assert digest_of(KEY) not in guarded.log.read_text()


def test_a_rate_holds_over_all_workers(serving, shipped):
    entry = f"shop:{digest_of(KEY)}"
    with serving(
        MODEL=str(shipped),
        API_KEYS=entry,
        WORKERS="2",
        RATE_LIMIT="0.1",
        SCORER_URL="http://[::1]:1",
    ) as service:
        answers = []
        for _ in range(10):
            service.http.clear()  # so that either worker may take the next connection
            answers.append(service.ask("POST", "/data", [], **BEARER))

        assert [answer.status for answer in answers] == [200, *[429] * 9]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10


def listening_addresses(pid):
    """The addresses that this process accepts TCP connections on, as /proc writes them."""
    sockets = {
        found[1]
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if (found := re.match(r"socket:\[(\d+)\]", str(link.readlink())))
    }
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                yield fields[1].partition(":")[0]


def test_the_scoring_server_listens_on_loopback_wherever_the_shim_does(serving, wait_until):
    with serving(HOST="0.0.0.0") as service:
        warning = wait_until(lambda: service.event("no api keys"))
        service.ready()

        assert warning["host"] == "0.0.0.0"
        assert set(listening_addresses(service.find("uvicorn"))) == {"0100007F"}  # 127.0.0.1
        assert "00000000" in set(listening_addresses(service.find("gunicorn")))


def test_nobody_is_warned_on_loopback_or_with_keys(forwarding, guarded):
    assert not forwarding.event("no api keys")
    assert not guarded.event("no api keys")


def test_an_answer_names_no_product_and_no_version(guarded):
    assert guarded.ask("GET", "/").headers.get("Server", "credit-scoring") == "credit-scoring"
