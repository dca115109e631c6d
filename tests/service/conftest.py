"""`python -m app` as the Procfile runs it: real processes on loopback."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from app.settings import variables
from tests.service.browser import BROWSER, DRIVER, chromium
from tests.service.processes import (
    START_SECONDS,
    command_of,
    descendants,
    listening_addresses,
    until,
)

PROJECT = Path(__file__).parent.parent.parent
OURS = frozenset(variables())
COMMAND = (sys.executable, "-m", "app")


def environment(**environ):
    """This process's environment for a service on a free port of loopback."""
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**clean, "PORT": "0", "HOST": "127.0.0.1", **environ}


class Service:
    """One running service; its stderr goes to the file `log`, or to `stderr`."""

    def __init__(self, log, environ, stderr=None, command=COMMAND, folder=PROJECT):
        self.log = log
        with log.open("w") as file:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(TMPDIR=str(log.parent)) | environ,
                stderr=stderr or file,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.http = urllib3.PoolManager(retries=False, timeout=60)
        if stderr is None:
            self._listening()

    def _listening(self):
        listening = until(lambda: self.event("listening") or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()
        self.port = listening["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def lines(self):
        """What it has logged so far."""
        return [json.loads(line) for line in self._written() if line.startswith("{")]

    @property
    def plain_lines(self):
        """What it has written beside the log."""
        return [line for line in self._written() if not line.startswith("{")]

    def _written(self):
        return [line for line in self.log.read_text().splitlines(True) if line.endswith("\n")]

    def event(self, name):
        """The first log line of this kind, or None."""
        return next((line for line in self.lines() if line["event"] == name), None)

    def ask(self, method, path, body=None, **headers):
        """One request; a body that is neither bytes nor None is sent as JSON."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        return self.http.request(method, self.url + path, body=body, headers=headers)

    def status(self, path):
        """Of a GET on a new connection; None without an answer, as when a worker has just died."""
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            return self.ask("GET", path, Connection="close").status
        return None

    def accepts(self):
        """Waits until its worker does, with or without a scorer, and the supervisor no more."""
        until(lambda: self.event("service is up"))
        until(lambda: not list(listening_addresses(self.process.pid)))
        return self

    def ready(self):
        """Waits until it scores as it should."""
        self.accepts()
        until(lambda: self.status("/health/ready") == 200)
        return self

    @property
    def server(self):
        """The process that starts the workers."""
        return next(pid for pid in descendants(self.process.pid) if "granian" in command_of(pid))

    @property
    def worker(self):
        """The last of its workers; None while it is being replaced."""
        pid = self.find("granian")
        return pid if pid != self.server else None

    def find(self, part):
        """The process below this one whose command has `part`, or None."""
        found = [pid for pid in descendants(self.process.pid) if part in command_of(pid)]
        return found[-1] if found else None

    def stop(self):
        """Whatever happened: nothing of it is left."""
        self.http.clear()
        below = descendants(self.process.pid)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        finally:
            for pid in (self.process.pid, *below):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture(scope="session")
def serving(tmp_path_factory):
    """A context manager: environment variables -> a running service."""

    @contextlib.contextmanager
    def run(**environ):
        service = Service(tmp_path_factory.mktemp("service") / "log", environ)
        try:
            yield service
        finally:
            service.stop()

    return run


@pytest.fixture
def refused():
    """A function: environment variables -> (exit code, stderr) of a service that must not start."""

    def run(**environ):
        ran = subprocess.run(
            [sys.executable, "-m", "app"],
            cwd=PROJECT,
            env=environment(**environ),
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        return ran.returncode, ran.stderr

    return run


@pytest.fixture(scope="session")
def forwarding(serving):
    with serving() as service:
        yield service.ready()


@pytest.fixture(scope="session")
def in_process(serving, shipped):
    """From a URI, so that fetching one is tried too."""
    with serving(SCORER="in-process", MODEL=shipped.resolve().as_uri()) as service:
        yield service.ready()


@pytest.fixture(params=["forwarding", "in_process"])
def service(request):
    """Each form of the scorer in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def model(shipped):
    """The shipped contract."""
    return json.loads((shipped / "contract.json").read_text())


@pytest.fixture(scope="session")
def typical(model):
    """A made-up client with the median of every number and the first of every category."""
    values = {
        feature["name"]: feature["categories"][0]
        if feature["kind"] == "category"
        else feature["seen"]["median"]
        for feature in model["features"]
    }
    return {model["id"]: 155312, **values}


@pytest.fixture(scope="module")
def make_browser(tmp_path_factory):
    """A context manager: language -> a browser."""
    if not (shutil.which(BROWSER) and shutil.which(DRIVER)):
        pytest.skip("needs Debian's chromium and chromium-driver")
    return lambda language: chromium(tmp_path_factory.mktemp("browser"), language)


@pytest.fixture(scope="module")
def browser(make_browser):
    with make_browser("en") as opened:
        yield opened


@pytest.fixture(scope="session")
def make_client(model):
    """A function: id -> a client with a value in every column, the same for the same id."""

    def make(id_):
        draw = random.Random(str(id_))
        values = {
            feature["name"]: draw.choice(feature["categories"])
            if feature["kind"] == "category"
            else round(draw.lognormvariate(2, 3), 3)
            for feature in model["features"]
        }
        return {model["id"]: id_, **values}

    return make
