"""The shim's worker, or all of the shim, is killed under load; the scoring server goes on."""

import os
import signal
import time

import pytest

from tests.service.crowd import Crowd

ROUTE = "/predict_proba"
CUT_OFF = {"ProtocolError", "NewConnectionError", "ReadTimeoutError"}
SOON = 20


@pytest.fixture
def service(serving, in_process):
    """A shim that forwards to a scoring server which is not touched."""
    with serving(SCORER_URL=in_process.url) as service:
        yield service.ready()


def killed_under_load(service, pid, body, wait_until):
    """The crowd after `pid` was killed and everyone served again, and the seconds between."""
    with Crowd(service.port, ROUTE, body, 4) as crowd:
        wait_until(lambda: crowd.served_since(0))
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: crowd.served_since(killed + 0.5))
    return crowd, min(a.at for a in crowd.of(200) if a.at > killed + 0.5) - killed


@pytest.mark.parametrize("which", ["worker", "master"])
def test_killed_under_load_the_shim_is_back_and_no_answer_was_wrong(
    service, make_client, below, wait_until, which
):
    body = {"data": make_client(1)}
    expected = service.ask("POST", ROUTE, body).data
    master = next(pid for pid in below(service.process.pid) if b"gunicorn" in cmdline(pid))
    pid = service.find("gunicorn") if which == "worker" else master
    crowd, seconds = killed_under_load(service, pid, body, wait_until)

    assert {answer.body for answer in crowd.of(200)} == {expected}
    assert crowd.statuses <= {200, 503} | CUT_OFF
    assert len(crowd.answers) - len(crowd.of(200)) < len(crowd.answers) / 2
    assert seconds < SOON
    print(f"{which}: cut off {len(crowd.answers) - len(crowd.of(200))}, back in {seconds:.1f} s")


def cmdline(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read()
