"""Requests byte by byte: what is no plain request is refused, ends in time, and stays small."""

import contextlib
import json
import shutil
import subprocess
import time

import pytest

from app.auth import digest_of, make_key
from tests.service.processes import growing_less_than
from tests.service.wire import CHUNKED, connect, head, post, send

KEY = make_key()
CLIENT = b'{"data":{"SK_ID_CURR":1,"AMT_CREDIT":1}}'
CLOSE = b"Connection: close\r\n"
BODY_SECONDS = 2
SOON = 20
"""Seconds within which what is limited to `BODY_SECONDS` has ended, on a busy machine too."""
IDLE_SECONDS = 10
"""How long a test listens for an answer that must not come."""


@pytest.fixture(scope="module")
def guarded(serving):
    """A service with a key, and little patience."""
    entry = f"shop:{digest_of(KEY)}"
    with serving(SCORER="in-process", API_KEYS=entry, BODY_SECONDS=str(BODY_SECONDS)) as service:
        yield service.ready()


WITH_KEY = b"X-API-Key: " + KEY.encode() + b"\r\n"
PROTECTED = [b"/metrics", b"/features", b"/openapi.json"]


def spellings(path):
    """Other ways to write the path, of which a server or a framework may make the path itself."""
    name = path[1:]
    yield from (
        b"/" + path,
        b"//" + path,
        b"/%2f" + name,
        b"/%2F" + name,
        path + b"/",
        b"/." + path,
    )
    yield from (b"/x/.." + path, b"/%%%x" % name[0] + name[1:], path + b"?x", path + b"#x")
    yield from (b"http://here" + path, b"http://here/" + path, b"\\" + name, path + b"%00")


@pytest.mark.parametrize("path", PROTECTED)
def test_no_spelling_of_a_protected_path_is_answered_without_a_key(guarded, path):
    for target in spellings(path):
        plain = send(guarded, head(b"GET", target, CLOSE)).statuses
        with_key = send(guarded, head(b"GET", target, CLOSE + WITH_KEY)).statuses
        assert (plain, with_key) in [([401], [200]), ([404], [404]), ([400], [400])], target


@pytest.mark.parametrize("target", [b"//predict", b"/%2fpredict", b"http://here/predict"])
def test_nor_is_one_of_a_route_that_scores(guarded, target):
    assert send(guarded, post(target, CLIENT, CLOSE)).statuses in ([401], [404], [405])


@pytest.mark.parametrize("target", [b"//ping", b"/%2fping", b"/ping/"])
def test_an_odd_path_is_no_route(guarded, target):
    assert send(guarded, head(b"GET", target, CLOSE)).statuses == [404]


def test_the_host_header_is_reflected_nowhere(guarded):
    for target in (b"/", b"/docs", b"/nowhere", b"//x", b"/metrics/"):
        sent = b"GET %b HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\n%b\r\n"
        assert b"evil" not in send(guarded, sent % (target, CLOSE)).data


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"anything", b"TLS/1.0, h2c"])
@pytest.mark.parametrize(
    "connection", [b"Upgrade", b"Upgrade, HTTP2-Settings", b"keep-alive, Upgrade"]
)
def test_an_offer_to_upgrade_makes_no_second_request_of_a_body(service, protocol, connection):
    offer = b"Connection: %b\r\nUpgrade: %b\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
    offer %= (connection, protocol)
    smuggled = head(b"GET", b"/features")
    assert send(service, post(b"/data", smuggled, offer), seconds=1).statuses == [400]
    assert send(service, post(b"/predict", CLIENT, offer), seconds=1).statuses == [200]


SMUGGLED = head(b"GET", b"/features")
AMBIGUOUS = {
    "length and chunks": head(b"POST", b"/data", CHUNKED + b"Content-Length: 5\r\n")
    + b"0\r\n\r\n"
    + SMUGGLED,
    "two lengths": post(b"/data", b"[]" + SMUGGLED, b"Content-Length: 2\r\n"),
    "a length that is none": post(b"/data", SMUGGLED, b"", length=-1),
    "chunked twice": head(b"POST", b"/data", CHUNKED + b"Transfer-Encoding: identity\r\n")
    + b"0\r\n\r\n"
    + SMUGGLED,
    "a space before the colon": head(b"POST", b"/data", b"Content-Length : 5\r\n") + SMUGGLED,
}


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_body_of_ambiguous_length_is_refused_and_the_connection_closed(service, sent):
    reply = send(service, sent, seconds=IDLE_SECONDS)
    assert all(400 <= status < 500 for status in reply.statuses), reply
    assert len(reply.statuses) <= 1
    assert reply.closed


JAVA = """
import java.net.URI;
import java.net.http.*;

public class Ask {
    public static void main(String[] args) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(args[0]))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(args[1])).build();
        var client = HttpClient.newHttpClient();
        for (int i = 0; i < 3; i++) {
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(answer.statusCode() + " " + answer.body());
        }
    }
}
"""


@pytest.mark.skipif(not shutil.which("javac"), reason="needs a JDK")
def test_javas_http_client_which_offers_h2c_is_answered(in_process, tmp_path):
    (tmp_path / "Ask.java").write_text(JAVA)
    subprocess.run(["javac", "Ask.java"], cwd=tmp_path, check=True, timeout=300)
    command = ["java", "Ask", f"{in_process.url}/predict", CLIENT.decode()]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    lines = ran.stdout.splitlines()

    assert len(lines) == 3, ran.stderr
    assert all(line.startswith('200 {"prediction":') for line in lines), lines


@pytest.mark.parametrize("path", [b"/health/live", b"/", b"/nowhere"])
@pytest.mark.parametrize(
    "headers",
    [
        b"X: %b\r\n" % (b"x" * 66_000),
        b"X: %b\r\n" % (b"x" * 10_000_000),
        b"X: 1\r\n" * 101,
        b"X: 1\r\n" * 100_000,
    ],
    ids=["66 kB", "10 MB", "101 lines", "100,000 lines"],
)
def test_a_head_beyond_the_limit_is_431_or_closed(service, path, headers):
    with growing_less_than(50, service):
        reply = send(service, head(b"GET", path, headers + CLOSE))
    assert reply.statuses in ([431], [])
    assert reply.closed
    assert service.status("/health/live") == 200


@pytest.mark.parametrize("headers", [b"X: %b\r\n" % (b"x" * 60_000), b"X: 1\r\n" * 95])
def test_a_head_within_the_limit_is_read(service, headers):
    assert send(service, head(b"GET", b"/health/live", headers + CLOSE)).statuses == [200]


def test_a_target_beyond_the_limit_is_refused(service):
    assert send(service, head(b"GET", b"/" + b"x" * 70_000, CLOSE)).statuses in ([431], [414], [])


def chunked(chunks, trailers=b""):
    return head(b"POST", b"/predict", CHUNKED + CLOSE) + chunks + b"0\r\n" + trailers + b"\r\n"


ONE_CHUNK = b"%x\r\n%b\r\n" % (len(CLIENT), CLIENT)


@pytest.mark.parametrize("count", [10_000, 1_500_000])
def test_trailers_by_the_thousand_are_refused_without_being_kept(service, count):
    with growing_less_than(50, service):
        reply = send(service, chunked(ONE_CHUNK, b"X: 1\r\n" * count))
    assert reply.statuses in ([400], [])
    assert reply.closed


MALFORMED = {
    "a size that is none": b"zz\r\n{}\r\n",
    "a size too large": b"fffffffffffffffff\r\n{}\r\n",
    "a negative size": b"-1\r\n{}\r\n",
    "a long extension": b"%x;%b\r\n%b\r\n" % (len(CLIENT), b"x" * 1_000_000, CLIENT),
}


@pytest.mark.parametrize("chunks", MALFORMED.values(), ids=MALFORMED)
def test_a_chunk_that_is_not_valid_is_400_in_the_same_form(service, chunks):
    reply = send(service, chunked(chunks))
    assert reply.statuses == [400]
    assert reply.body.keys() == {"error", "details", "request_id"}
    assert reply.closed


NEVER = {
    "nothing": (b"", []),
    "a bare CRLF": (b"\r\n", []),
    "half a head": (b"POST /predict HTTP/1.1\r\nHost: x\r\nX: ", []),
    "a body that never begins": (post(b"/predict", b"", WITH_KEY, length=100), [408]),
    "half a body": (post(b"/predict", b'{"da', WITH_KEY, length=100), [408]),
    "chunks that never begin": (head(b"POST", b"/predict", CHUNKED + WITH_KEY), [408]),
    "an unfinished chunk": (head(b"POST", b"/predict", CHUNKED + WITH_KEY) + b"5\r\n{", [408]),
    "nothing after an answer": (post(b"/predict", CLIENT, WITH_KEY), [200]),
    "a bare CRLF after an answer": (post(b"/predict", CLIENT, WITH_KEY) + b"\r\n", [200]),
    "a body without a key": (post(b"/predict", b"", length=100), [401]),
    "a body that no route takes": (post(b"/nowhere", b"", length=100), [404]),
    "a body of a GET": (head(b"GET", b"/health/live", b"Content-Length: 100\r\n"), [200]),
}


@pytest.mark.parametrize("name", NEVER)
def test_a_request_that_is_never_completed_ends_in_time(guarded, name):
    sent, statuses = NEVER[name]
    reply = send(guarded, sent)
    assert reply.closed
    assert reply.statuses == statuses
    assert reply.seconds < SOON


def test_many_requests_whose_bodies_never_begin_delay_no_probe(guarded):
    with contextlib.ExitStack() as stack:
        for _ in range(500):
            silent = stack.enter_context(connect(guarded))
            silent.sendall(post(b"/predict", b"", WITH_KEY, length=1000))
        started = time.monotonic()
        statuses = {guarded.status("/health/live") for _ in range(20)}
        seconds = time.monotonic() - started
    print(f"20 probes in {seconds:.2f} s")
    assert statuses == {200}
    assert seconds < 20


def test_an_answer_that_is_not_read_ends_in_time(guarded):
    """`/data` gives back what it was sent: more than the sockets' buffers hold."""
    body = json.dumps("x" * 7_900_000).encode()
    with connect(guarded, 1) as connection:
        with contextlib.suppress(TimeoutError):
            connection.sendall(post(b"/data", body, WITH_KEY))
        time.sleep(BODY_SECONDS + 3)
        connection.settimeout(60)
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(2**20):
                received += len(chunk)
    assert received < len(body)
    assert guarded.status("/health/live") == 200


def test_expect_100_continue_is_answered_before_the_body_is_sent(guarded):
    expect = b"Expect: 100-continue\r\n"
    with connect(guarded) as connection:
        connection.sendall(post(b"/predict", b"", WITH_KEY + expect + CLOSE, length=len(CLIENT)))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(CLIENT)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert send(guarded, post(b"/predict", b"", expect, length=len(CLIENT))).statuses == [401]


def test_a_body_in_small_packets_is_read_like_any_other(service, make_client):
    sent = post(b"/predict", json.dumps({"data": make_client(1)}).encode(), CLOSE)
    with connect(service) as connection:
        for start in range(0, len(sent), 500):
            connection.sendall(sent[start : start + 500])
            time.sleep(0.01)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_requests_sent_at_once_on_one_connection_are_answered_in_order(service, make_client):
    bodies = [json.dumps({"data": make_client(number)}).encode() for number in (1, 2)]
    reply = send(service, post(b"/predict", bodies[0]), post(b"/predict", bodies[1], CLOSE))
    assert reply.statuses == [200, 200]
    assert reply.data.index("client n°1".encode()) < reply.data.index("client n°2".encode())
