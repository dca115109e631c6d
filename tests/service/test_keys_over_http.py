"""Keys, from real processes: what is protected, who is warned, and who listens where."""

import pytest

from app.auth import digest_of, make_key
from tests.service.processes import descendants, listening_addresses

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
        service.accepts()
        answers = []
        for _ in range(10):
            service.http.clear()  # so that either worker may take the next connection
            answers.append(service.ask("POST", "/data", [], **BEARER))

        assert [answer.status for answer in answers] == [200, *[429] * 9]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10


def test_the_scoring_server_listens_on_no_port_and_its_socket_is_for_this_user_alone(serving):
    with serving(HOST="0.0.0.0") as service:
        service.ready()
        processes = [service.process.pid, *descendants(service.process.pid)]
        addresses = {address for pid in processes for address in listening_addresses(pid)}
        (socket,) = service.log.parent.glob("credit-scoring-*/scorer.sock")

        assert service.event("no api keys")["host"] == "0.0.0.0"
        assert addresses == {("00000000", service.port)}
        assert socket.is_socket()
        assert socket.parent.stat().st_mode & 0o777 == 0o700


def test_nobody_is_warned_on_loopback_or_with_keys(forwarding, guarded):
    assert not forwarding.event("no api keys")
    assert not guarded.event("no api keys")


def test_an_answer_names_no_product_and_no_version(guarded):
    assert guarded.ask("GET", "/").headers.get("Server", "credit-scoring") == "credit-scoring"
