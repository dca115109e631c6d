"""Against a small real HTTP server on loopback."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.errors import ScorerFailed, ScorerTimeout, ScorerUnavailable, UnreadableInput
from app.model_folder import ModelFolder
from app.scorer import Score
from app.scorer.forwarding import Forwarding
from scoring_model.errors import InvalidRows, Problem


class Server(ThreadingHTTPServer):
    """Answers each request with the next of `answers`: (status, body), "hang up" or "hang"."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = []
        self.requests = []
        self.released = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
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

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def forwarding(server):
    return Forwarding(f"http://127.0.0.1:{server.server_port}", MODEL, 0.5, 2)


MODEL = ModelFolder("ID", [{"name": "A"}], 0.5, "m-1")
ROW = {"ID": 1, "solvency": 0.25, "threshold": 0.5, "decision": "No"}
ROWS = InvalidRows([Problem(0, "A", "a number")])
PREDICTIONS = (200, json.dumps({"predictions": [ROW]}).encode())


def test_records_go_as_inputs_and_come_back_as_scores(server, forwarding):
    server.answers = [PREDICTIONS]

    assert forwarding.score([{"ID": 1, "A": None}]) == [Score(0.25, 0.5, "No")]
    assert server.requests == [
        ("/invocations", "application/json", b'{"inputs":[{"ID":1,"A":null}]}')
    ]


def test_of_a_long_record_only_what_the_model_knows_goes_to_mlflow(server, forwarding):
    server.answers = [PREDICTIONS]
    forwarding.score([{"B": 1, "ID": 1, "C": 2, "A": 3, "D": {}}])

    assert server.requests[0][2] == b'{"inputs":[{"ID":1,"A":3}]}'


def test_params_go_with_the_records_and_coverage_and_warnings_come_back(server):
    warning = {"column": "A", "warning": "infinite"}
    row = {**ROW, "coverage": 0.5, "warnings": [warning]}
    server.answers = [(200, json.dumps({"predictions": [row]}).encode())]
    url = f"http://127.0.0.1:{server.server_port}"

    scores = Forwarding(url, MODEL, 0.5, 2, {"checks": True}).score([{"ID": 1}])
    assert scores == [Score(0.25, 0.5, "No", 0.5, [warning])]
    assert server.requests[0][2] == b'{"inputs":[{"ID":1}],"params":{"checks":true}}'


def test_an_invocation_goes_and_comes_back_unchanged(server, forwarding):
    server.answers = [(200, b"any bytes")]

    assert forwarding.invoke(b"a,b\n", "text/csv").body == b"any bytes"
    assert server.requests == [("/invocations", "text/csv", b"a,b\n")]


def test_a_connection_closed_meanwhile_is_opened_again_without_an_error(server, forwarding):
    server.answers = [PREDICTIONS, "hang up", PREDICTIONS]
    forwarding.score([{}])

    assert forwarding.score([{}]) == [Score(0.25, 0.5, "No")]


def test_a_server_that_keeps_hanging_up_is_unavailable(server, forwarding):
    server.answers = ["hang up", "hang up", "hang up"]

    with pytest.raises(ScorerUnavailable):
        forwarding.score([{}])


def test_nobody_listening_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    scorer = Forwarding(f"http://127.0.0.1:{port}", MODEL, 1, 1)

    with pytest.raises(ScorerUnavailable):
        scorer.ping()


def test_an_answer_that_does_not_come_in_time_is_a_timeout(server, forwarding):
    server.answers = ["hang"]

    with pytest.raises(ScorerTimeout, match=r"0\.5 seconds"):
        forwarding.score([{}])


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"message": f"...\n{ROWS.to_json()}"}, InvalidRows),
        (400, {"message": "Odd", "stack_trace": f"...: {ROWS}\n{ROWS.to_json()}\n"}, InvalidRows),
        (400, {"message": "Failed to predict data"}, UnreadableInput),
        (400, {"message": "Odd", "stack_trace": "Traceback\nKeyError"}, UnreadableInput),
        (504, "Request processing time exceeded limit", ScorerTimeout),
        (500, "Internal Server Error", ScorerFailed),
        (404, {"detail": "Not Found"}, ScorerFailed),
        (400, [], ScorerFailed),
    ],
)
def test_each_refusal_becomes_its_error(server, forwarding, status, body, error):
    server.answers = [(status, json.dumps(body).encode())]

    with pytest.raises(error):
        forwarding.score([{}])
