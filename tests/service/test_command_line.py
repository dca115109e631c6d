"""`python -m app` and its stderr."""

import os
import re
import subprocess
import sys

import pytest

from app.settings import variables
from tests.service.conftest import PROJECT, Service
from tests.service.processes import listening_addresses, until
from tests.service.prometheus import value


def test_help_names_every_setting_and_starts_nothing():
    command = [sys.executable, "-m", "app", "--help"]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0
    assert all(name in ran.stdout for name in variables())
    assert ran.stderr == ""


@pytest.fixture
def unread(tmp_path_factory):
    """A service that forwards and whose stderr is a pipe that is read until it has started."""
    reader, writer = os.pipe()
    service = Service(tmp_path_factory.mktemp("unread") / "log", {}, stderr=writer)
    os.close(writer)
    said = b""
    try:
        while not (found := re.search(rb'"listening".*"port":(\d+)', said)):
            said += os.read(reader, 65536)
        service.port = int(found[1])
        service.url = f"http://127.0.0.1:{service.port}"
        until(lambda: not list(listening_addresses(service.process.pid)))
        until(lambda: service.status("/health/ready") == 200)
        yield service
    finally:
        service.stop()
        os.close(reader)


def test_a_pipe_that_nobody_reads_costs_log_lines_and_no_answer(unread, make_client):
    """It holds 64 kB, some 250 lines."""
    body = {"data": make_client(1)}
    assert {unread.ask("POST", "/predict", body).status for _ in range(1000)} == {200}
    figures = unread.ask("GET", "/metrics").data.decode()
    assert value(figures, "log_lines_lost_total") > 300
    os.kill(unread.find("uvicorn"), 9)  # of which the supervisor writes a line
    until(lambda: unread.status("/health/ready") == 503)
    until(lambda: unread.status("/health/ready") == 200)
    unread.process.terminate()
    assert unread.process.wait(30) == 0
