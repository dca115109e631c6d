"""Starting, stopping, and the death of a part, done for real."""

import os
import shutil
import signal
import socket
import threading

import pytest
import urllib3

from scoring_model.integrity import Manifest
from tests.app.test_metrics import value


def test_a_killed_scoring_server_means_503_and_then_it_is_back_by_itself(
    forwarding, make_client, wait_until
):
    body = {"data": make_client(1)}
    wait_until(lambda: forwarding.ask("GET", "/health/ready").status == 200)
    before = forwarding.ask("POST", "/predict_proba", body)
    os.kill(forwarding.find("uvicorn"), signal.SIGKILL)
    gone = wait_until(lambda: (a := forwarding.ask("POST", "/predict", body)).status != 200 and a)
    not_ready = wait_until(
        lambda: (a := forwarding.ask("GET", "/health/ready")).status != 200 and a
    )
    figures = forwarding.ask("GET", "/metrics").data.decode()
    live = forwarding.ask("GET", "/health/live")
    after = forwarding.ready().ask("POST", "/predict_proba", body)
    wait_until(lambda: forwarding.ask("GET", "/health/ready").status == 200)

    assert (gone.status, not_ready.status, live.status) == (503, 503, 200)
    assert {answer.headers["Retry-After"] for answer in (gone, not_ready)} == {"2"}
    assert value(figures, "scorer_up") == 0
    assert (before.status, after.status) == (200, 200)
    assert before.data == after.data
    assert forwarding.event("scoring server ended")
    assert None not in list(forwarding.lines())


def ask_until_refused(service, body, seen, started):
    """Asks on new connections until nobody takes them any more; notes every answer."""
    while True:
        with urllib3.HTTPConnectionPool("127.0.0.1", service.port, retries=False) as pool:
            try:
                answer = pool.request("POST", "/predict", json=body)
            except urllib3.exceptions.NewConnectionError:
                return
            except urllib3.exceptions.HTTPError as error:
                seen.append(type(error).__name__)
                return
            seen.append(answer.status)
            started.set()


def stop_under_load(service, make_client, signalled):
    """Sends SIGTERM to `signalled` while four callers ask; (exit code, the callers' answers)."""
    seen, started = [], threading.Event()
    args = (service, {"data": make_client(1)}, seen, started)
    callers = [threading.Thread(target=ask_until_refused, args=args) for _ in range(4)]
    with socket.create_connection(("127.0.0.1", service.port)):  # idle, and no reason to wait
        for caller in callers:
            caller.start()
        started.wait()
        for pid in signalled:
            os.kill(pid, signal.SIGTERM)
        code = service.process.wait(30)
    for caller in callers:
        caller.join()
    return code, set(seen)


def test_sigterm_under_load_answers_what_was_accepted_and_exits_0(serving, forwarding, make_client):
    with serving(SCORER_URL=forwarding.url) as service:
        service.ready()

        assert stop_under_load(service, make_client, [service.process.pid]) == (0, {200})


def test_sigterm_under_load_loses_no_request_of_the_faster_form(serving, make_client):
    with serving(SCORER="in-process") as service:
        service.ready()

        assert stop_under_load(service, make_client, [service.process.pid]) == (0, {200})


def test_sigterm_to_all_processes_at_once_loses_no_request_and_leaves_no_process(
    serving, make_client, below, is_alive, wait_until
):
    with serving() as service:
        assert service.ask("GET", "/features").status == 200
        assert service.ask("POST", "/predict", {"data": make_client(1)}).status == 503  # not up yet
        service.ready()
        processes = below(service.process.pid)
        signalled = [service.process.pid, *processes]

        assert stop_under_load(service, make_client, signalled) == (0, {200})
        wait_until(lambda: not any(map(is_alive, processes)))


def test_a_killed_supervisor_takes_everything_along(serving, below, is_alive, wait_until):
    with serving() as service:
        wait_until(lambda: service.find("uvicorn") and service.event("shim is up"))
        processes = below(service.process.pid)
        service.process.kill()

        wait_until(lambda: not any(map(is_alive, processes)))


def test_a_killed_worker_is_replaced(forwarding, wait_until):
    worker = forwarding.find("gunicorn")
    os.kill(worker, signal.SIGKILL)
    forwarding.http.clear()  # its connections died with the worker
    wait_until(lambda: forwarding.find("gunicorn") not in (None, worker))

    assert forwarding.ready().ask("GET", "/features").status == 200


def test_a_scoring_server_that_is_slow_means_504(serving, make_client):
    with (
        socket.create_server(("127.0.0.1", 0)) as never_answers,
        serving(
            SCORER_URL=f"http://127.0.0.1:{never_answers.getsockname()[1]}", TIMEOUT_SECONDS="0.2"
        ) as service,
    ):
        answer = service.ask("POST", "/predict", {"data": make_client(1)})

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
    [("MODEL", "no/such/folder"), ("MODEL", "file:///no/such/folder"), ("PORT", "http")],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(refused, name, value):
    code, said = refused(**{name: value})

    assert code == 2
    assert [line for line in said.splitlines() if not line.startswith("{")] == [said.strip()]
    assert value in said


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
    plain = [line for line in said.splitlines() if not line.startswith("{")]

    assert code == 2
    assert len(plain) == 1
    assert "model.pkl" in plain[0]


def test_a_scoring_server_that_cannot_start_says_why_in_one_line(serving, broken_model, wait_until):
    with serving(MODEL=str(broken_model)) as service:
        ended = wait_until(lambda: service.event("scoring server ended"))

        assert "model.pkl" in ended["why"]
        assert service.ask("GET", "/ping").status == 503
