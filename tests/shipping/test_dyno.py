"""The Procfile on a machine like Heroku's smallest, with the packages of requirements.txt alone."""

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from tests.service.conftest import Service
from tests.service.processes import descendants, until
from tests.service.prometheus import value
from tests.shipping import dyno
from tests.shipping.conftest import sources
from tests.trained import ROOT

BIND_SECONDS, STOP_SECONDS = 60, 30
"""Heroku's limits, for the port to be bound and from SIGTERM to SIGKILL."""

REQUESTS = 2000

pytestmark = [
    pytest.mark.process,
    pytest.mark.long,
    pytest.mark.skipif(not dyno.can_be_made(), reason="needs root, to make a file system"),
]


def process_type(name):
    return re.search(rf"^{name}: (.*)$", (ROOT / "Procfile").read_text(), re.M)[1]


@pytest.fixture(scope="module")
def programs(environment_of):
    """PATH with the packages of requirements.txt alone."""
    found = environment_of(sys.executable, "--require-hashes", "-r", ROOT / "requirements.txt")
    return f"{found}:/usr/bin:/bin"


@pytest.fixture(scope="module")
def slug(tmp_path_factory):
    """What is pushed."""
    return sources(tmp_path_factory.mktemp("slug"))


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.parametrize("scorer", ["forward", "in-process"])
def test_the_web_process_answers_stays_within_its_memory_and_drains(
    programs, slug, tmp_path, tmp_path_factory, make_client, scorer
):
    writable = tmp_path_factory.mktemp("tmp")  # short, for the path of a socket below it
    environ = {"PATH": programs, "PYTHONPATH": "", "HOME": "/nowhere", "SCORER": scorer}
    environ |= {"TMPDIR": str(writable), "PORT": str(free_port())}
    with dyno.memory_group(f"dyno-{os.getpid()}-{scorer}") as (join, peak):
        started = time.monotonic()
        service = Service(
            tmp_path / "log",
            environ,
            command=dyno.command(process_type("web"), writable, join),
            folder=slug,
        )
        try:
            until(lambda: service.status("/health/live"))
            bound = time.monotonic() - started
            service.ready()
            first = time.monotonic() - started
            body = {"data": make_client(1), "params": {"reasons": 3}}
            statuses = {service.ask("POST", "/predict", body).status for _ in range(REQUESTS)}
            processes = [service.process.pid, *descendants(service.process.pid)]
            held = dyno.memory_mb(processes)
            print(
                f"{scorer}: bound after {bound:.1f} s, ready after {first:.1f} s, {held:.0f} MB"
                f" after {REQUESTS} requests" + (f", at most {peak():.0f} MB" if peak else "")
            )
            assert bound < BIND_SECONDS
            assert statuses == {200}
            assert held < dyno.LIMIT_MB
            assert not any(line["event"].endswith("ended") for line in service.lines())

            batch = {"data": [{**make_client(1), "SK_ID_CURR": number} for number in range(1000)]}
            answers = []
            asking = threading.Thread(
                target=lambda: answers.append(service.ask("POST", "/predict", batch).status)
            )
            asking.start()
            until(lambda: value(service.ask("GET", "/metrics").data.decode(), "in_flight") > 1)
            for pid in [service.process.pid, *descendants(service.process.pid)]:
                os.kill(pid, signal.SIGTERM)
            assert service.process.wait(STOP_SECONDS) == 0
            asking.join()
            assert answers == [200]
        finally:
            service.stop()


def test_the_release_migrates_the_database_where_there_is_one(programs, slug, tmp_path):
    def release(**environ):
        return subprocess.run(
            ["sh", "-c", process_type("release")],
            cwd=slug,
            env={"PATH": programs, "HOME": str(tmp_path), **environ},
            capture_output=True,
            text=True,
        )

    key = base64.b64encode(bytes(32)).decode()
    without = release()
    migrated = release(DATABASE_URL=f"sqlite:///{tmp_path}/ledger.db", LEDGER_KEY=key)
    assert (without.returncode, migrated.returncode) == (0, 0), migrated.stderr
    assert (tmp_path / "ledger.db").exists()
