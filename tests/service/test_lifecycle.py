"""Starting, stopping, and the death of a part, done for real."""

import os
import shutil
import signal
import socket
import threading
import time

import pytest

from scoring_model.integrity import Manifest
from tests.service.crowd import Crowd
from tests.service.processes import alive, descendants, until
from tests.service.prometheus import value

ROUTE = "/predict_proba"
CUT_OFF = {"ProtocolError", "NewConnectionError", "ReadTimeoutError"}


def test_a_killed_scoring_server_means_503_and_then_it_is_back_by_itself(forwarding, make_client):
    body = {"data": make_client(1)}
    before = forwarding.ask("POST", ROUTE, body)
    os.kill(forwarding.find("uvicorn"), signal.SIGKILL)
    gone = until(lambda: (a := forwarding.ask("POST", "/predict", body)).status != 200 and a)
    not_ready = until(lambda: (a := forwarding.ask("GET", "/health/ready")).status != 200 and a)
    figures = forwarding.ask("GET", "/metrics").data.decode()
    live = forwarding.ask("GET", "/health/live")
    after = forwarding.ready().ask("POST", ROUTE, body)

    assert (gone.status, not_ready.status, live.status) == (503, 503, 200)
    assert {answer.headers["Retry-After"] for answer in (gone, not_ready)} == {"2"}
    assert value(figures, "scorer_up") == 0
    assert (before.status, after.status) == (200, 200)
    assert before.data == after.data
    assert forwarding.event("scoring server ended")


def test_beside_the_log_only_the_address_to_open_is_written(service):
    (line,) = service.ready().plain_lines
    assert line == f"credit-scoring: open http://localhost:{service.port}\n"


def stop_under_load(service, make_client, signalled):
    """Sends SIGTERM to `signalled` while a batch is being scored and four others ask; (exit code,
    status of the batch, statuses of the others).

    A connection that the kernel has accepted and the server has not is reset, which clients see as
    an error without a byte of an answer, and try again.
    """
    rows = [{**make_client(1), "SK_ID_CURR": number} for number in range(1000)]
    batch = {"data": rows, "params": {"reasons": 3}}
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(service.ask("POST", "/predict", batch).status)
    )
    with socket.create_connection(("127.0.0.1", service.port)):  # idle, and no reason to wait
        with Crowd(service.port, "/predict", {"data": make_client(1)}, 4) as crowd:
            until(lambda: crowd.served_since(0))
            asking.start()
            until(lambda: value(service.ask("GET", "/metrics").data.decode(), "in_flight") > 1)
            for pid in signalled:
                os.kill(pid, signal.SIGTERM)
            code = service.process.wait(30)
        asking.join()
    return code, answers, crowd.statuses


def test_sigterm_under_load_answers_what_is_being_scored_and_exits_0(serving, make_client):
    with serving(SCORER="in-process") as service:
        signalled = [service.ready().process.pid]
        code, batch, others = stop_under_load(service, make_client, signalled)

        assert (code, batch) == (0, [200])
        assert others <= {200} | CUT_OFF


def test_sigterm_to_all_processes_at_once_is_the_same_and_leaves_no_process(serving, make_client):
    with serving() as service:
        early = service.ask("POST", "/predict", {"data": make_client(1)})  # nothing is up yet
        processes = descendants(service.ready().process.pid)
        signalled = [service.process.pid, *processes]
        code, batch, others = stop_under_load(service, make_client, signalled)

        assert (early.status, early.headers["Retry-After"]) == (503, "2")
        assert early.json().keys() == {"error", "details", "request_id"}
        assert (code, batch) == (0, [200])
        assert others <= {200} | CUT_OFF
        until(lambda: not any(map(alive, processes)))


def test_a_killed_supervisor_leaves_no_process(serving):
    with serving() as service:
        until(lambda: service.accepts().find("uvicorn"))
        processes = descendants(service.process.pid)
        service.process.kill()

        until(lambda: not any(map(alive, processes)))


@pytest.fixture(scope="module")
def in_front(serving, in_process):
    """A service that forwards to a scoring server which is not touched."""
    with serving(SCORER_URL=in_process.url, HANG_SECONDS="4") as service:
        yield service


@pytest.mark.parametrize("which", ["worker", "server"])
def test_a_process_of_the_service_that_is_killed_under_load_is_replaced(
    in_front, make_client, which
):
    body = {"data": make_client(1)}
    expected = in_front.ready().ask("POST", ROUTE, body).data
    with Crowd(in_front.port, ROUTE, body, 4) as crowd:
        until(lambda: crowd.served_since(0))
        os.kill(getattr(in_front, which), signal.SIGKILL)
        killed = time.monotonic()
        until(lambda: crowd.served_since(killed + 0.5))

    assert {answer.body for answer in crowd.of(200)} == {expected}
    assert crowd.statuses <= {200, 503} | CUT_OFF
    assert all(answer.retry_after for answer in crowd.of(503))
    back = min(a.at for a in crowd.of(200) if a.at > killed + 0.5) - killed
    print(f"{which}: {len(crowd.answers) - len(crowd.of(200))} cut off, back in {back:.1f} s")


def test_a_worker_that_hangs_is_replaced(in_front, make_client):
    worker = in_front.ready().worker
    os.kill(worker, signal.SIGSTOP)
    in_front.http.clear()  # its connections hang with it
    hung = until(lambda: in_front.event("worker hangs"))

    assert hung["pid"] == worker
    assert hung["silent_seconds"] >= 4
    assert in_front.ready().worker != worker
    assert in_front.ask("POST", ROUTE, {"data": make_client(1)}).status == 200


def test_a_scoring_server_that_is_slow_means_504(serving, make_client):
    with (
        socket.create_server(("127.0.0.1", 0)) as never_answers,
        serving(
            SCORER_URL=f"http://127.0.0.1:{never_answers.getsockname()[1]}", TIMEOUT_SECONDS="0.2"
        ) as service,
    ):
        answer = service.accepts().ask("POST", "/predict", {"data": make_client(1)})

        assert answer.status == 504
        assert "0.2 seconds" in answer.json()["error"]


def test_a_port_in_use_is_one_line_and_exit_code_2(refused):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused(PORT=str(port))

    assert code == 2
    assert len(said.splitlines()) == 1
    assert f"port {port}: Address already in use" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL", "no/such/folder"),
        ("MODEL", "file:///no/such/folder"),
        ("PORT", "http"),
        ("MAX_ROW", "5"),
        ("RELOAD_SECONDS", "5"),  # which has no effect where requests are forwarded
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_and_exit_code_2(refused, name, value):
    code, said = refused(**{name: value})
    (line,) = [line for line in said.splitlines() if not line.startswith("{")]

    assert code == 2
    assert (value if name in {"MODEL", "PORT"} else name) in line


@pytest.fixture
def broken_model(shipped, tmp_path):
    """A model that holds half an estimator, and says so in its manifest."""
    folder = shutil.copytree(shipped, tmp_path / "model")
    estimator = folder / "model.pkl"
    estimator.write_bytes(estimator.read_bytes()[: estimator.stat().st_size // 2])
    Manifest.of(folder).write(folder)  # as if it had been exported like that
    return folder


def test_a_model_that_cannot_be_loaded_in_process_is_one_line_and_exit_code_2(
    refused, broken_model
):
    code, said = refused(MODEL=str(broken_model), SCORER="in-process")
    plain = [line for line in said.splitlines() if line.startswith("credit-scoring: the model")]

    assert code == 2
    assert len(plain) == 1
    assert "model.pkl" in plain[0]
    assert "Traceback" not in said


def test_a_scoring_server_that_cannot_start_says_why_in_one_line(serving, broken_model):
    with serving(MODEL=str(broken_model)) as service:
        ended = until(lambda: service.event("scoring server ended"))

        assert "model.pkl" in ended["reason"]
        assert service.accepts().ask("GET", "/ping").status == 503
