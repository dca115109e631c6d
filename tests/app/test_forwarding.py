"""Against a small real HTTP server, over TCP and through a Unix socket."""

import json
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

import pytest

from app.errors import ScorerFailed, ScorerTimeout, ScorerUnavailable, UnreadableInput
from app.forwarding import FEW_ROWS, UNKNOWN_COLUMNS, Forwarding
from app.model_folder import ModelFolder
from scoring_model.errors import InvalidRows, Problem


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the next of `answers`: (status, body), "close" or "hang"."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, self.headers["Content-Type"], body))
        answer = self.server.answers.pop(0)
        if answer == "hang":
            self.server.released.wait()
        if isinstance(answer, str):
            self.close_connection = True
            return
        self.send_response(answer[0])
        self.send_header("Content-Length", str(len(answer[1])))
        self.end_headers()
        self.wfile.write(answer[1])

    do_GET = do_POST  # noqa: N815 # the name that http.server calls

    def log_message(self, *_):
        pass


@pytest.fixture(params=["tcp", "unix"])
def server(request, tmp_path):
    kind, address = socketserver.ThreadingTCPServer, ("127.0.0.1", 0)
    if request.param == "unix":
        kind, address = socketserver.ThreadingUnixStreamServer, str(tmp_path / "socket")
    with kind(address, Handler) as server:
        server.daemon_threads = True
        server.answers, server.requests, server.released = [], [], threading.Event()
        server.url = f"unix://{address}"
        if request.param == "tcp":
            server.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def forwarding(server):
    return Forwarding(server.url, MODEL, 0.5, 2)


MODEL = ModelFolder("ID", [{"name": "A"}], 0.5, "m-1")
ROW = {"ID": 1, "solvency": 0.25, "threshold": 0.5, "decision": "No"}
PREDICTIONS = (200, json.dumps({"predictions": [ROW]}).encode())
ROWS = InvalidRows([Problem(0, "A", "a number", "SECRET")])


def test_clients_and_params_go_as_inputs_and_come_back_as_rows(server, forwarding):
    server.answers = [PREDICTIONS]

    assert forwarding.score([{"ID": 1, "A": None}], {"checks": True}) == [ROW]
    [(path, content_type, body)] = server.requests
    assert (path, content_type) == ("/invocations", "application/json")
    assert json.loads(body) == {"inputs": [{"ID": 1, "A": None}], "params": {"checks": True}}


@pytest.mark.parametrize(
    "table",
    [
        [{f"x{n}": n for n in range(1000)} | {"ID": 1, "A": 3}],
        [{f"x{n}": n for n in range(1000)} | {"ID": 1, "A": 3}] * (FEW_ROWS + 1),
        {f"x{n}": [n] for n in range(1000)} | {"ID": [1], "A": [3]},
    ],
)
def test_of_many_columns_the_known_ones_are_sent_and_a_few_for_warnings(server, forwarding, table):
    server.answers = [PREDICTIONS]
    forwarding.score(table, {})
    sent = json.loads(server.requests[0][2])["inputs"]
    names = set(sent[0] if isinstance(sent, list) else sent)

    assert {"ID", "A"} <= names
    assert len(names) == 2 + UNKNOWN_COLUMNS


def test_many_clients_are_sent_as_columns(server, forwarding):
    server.answers = [PREDICTIONS]
    forwarding.score([{"ID": number} for number in range(FEW_ROWS)] + [{"A": 1}], {})

    assert json.loads(server.requests[0][2])["inputs"] == {
        "ID": [*range(FEW_ROWS), None],
        "A": [None] * FEW_ROWS + [1],
    }


def test_ping_and_version_are_forwarded(server, forwarding):
    server.answers = [(200, b"\n"), (200, b"3.0")]
    forwarding.ping()

    assert forwarding.mlflow_version() == "3.0"
    assert [path for path, _, _ in server.requests] == ["/ping", "/version"]


def test_a_kept_connection_that_was_closed_is_opened_again(server, forwarding):
    server.answers = [PREDICTIONS, "close", PREDICTIONS]
    forwarding.score([{}], {})

    assert forwarding.score([{}], {}) == [ROW]


def test_a_server_that_keeps_closing_connections_is_unavailable(server, forwarding):
    server.answers = ["close"] * 3

    with pytest.raises(ScorerUnavailable):
        forwarding.score([{}], {})


def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", f"unix://{tmp_path}/none"):
        with pytest.raises(ScorerUnavailable):
            Forwarding(url, MODEL, 1, 1).ping()


def test_an_answer_that_does_not_come_in_time_is_a_timeout(server, forwarding):
    server.answers = ["hang"]

    with pytest.raises(ScorerTimeout, match=r"0\.5 seconds"):
        forwarding.score([{}], {})


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (200, {"predictions": [ROWS.report()]}, InvalidRows),
        (200, {"predictions": [{"invalid_input": "SECRET"}]}, UnreadableInput),
        (200, {"predictions": [{"score": 1}]}, ScorerFailed),
        (200, {"error": "SECRET"}, ScorerFailed),
        (200, [], ScorerFailed),
        (400, {"message": "SECRET"}, UnreadableInput),
        (504, "SECRET", ScorerTimeout),
        (500, "SECRET", ScorerFailed),
    ],
)
def test_each_answer_becomes_its_error_without_quoting_it(
    server, forwarding, status, content, error
):
    server.answers = [(status, json.dumps(content).encode())]

    with pytest.raises(error) as caught:
        forwarding.score([{}], {})
    assert "SECRET" not in str(caught.value)
