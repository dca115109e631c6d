"""`python -m app` as the Procfile runs it: real processes on loopback."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

PROJECT = Path(__file__).parent.parent.parent
OURS = (
    "PORT",
    "HOST",
    "MODEL",
    "SCORER",
    "SCORER_URL",
    "MAX_BYTES",
    "MAX_ROWS",
    "WORKERS",
    "API_KEYS",
)
START_SECONDS = 120
"""How long a test may wait for what takes seconds on an idle machine."""


def until(condition, seconds=START_SECONDS):
    """The first true value of `condition()`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return value


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def descendants(pid):
    """Process ids below `pid`, parents first."""
    children = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        children = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [one for child in children for one in (child, *descendants(child))]


def command_of(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


class Service:
    """One running `python -m app`."""

    def __init__(self, log, environ):
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        self.log = log
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app"],
                cwd=PROJECT,
                env={
                    **clean,
                    "TMPDIR": str(log.parent),
                    "PORT": "0",
                    "HOST": "127.0.0.1",
                    **environ,
                },
                stderr=stderr,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.http = urllib3.PoolManager(retries=False, timeout=60)
        listening = until(lambda: self.event("listening") or self.process.poll() is not None)
        assert self.process.poll() is None, log.read_text()
        self.port = listening["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def lines(self):
        """What it has logged so far; plain lines as None."""
        for line in self.log.read_text().splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                yield None

    def event(self, name):
        """The first log line of this kind, or None."""
        return next((line for line in self.lines() if line and line["event"] == name), None)

    def ask(self, method, path, body=None, **headers):
        """One request; a body that is neither bytes nor None is sent as JSON."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        return self.http.request(method, self.url + path, body=body, headers=headers)

    def ready(self):
        """Waits until it scores."""
        until(lambda: self.ask("GET", "/ping").status == 200)
        return self

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


@pytest.fixture
def wait_until():
    return until


@pytest.fixture
def is_alive():
    return alive


@pytest.fixture
def below():
    return descendants


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
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        ran = subprocess.run(
            [sys.executable, "-m", "app"],
            cwd=PROJECT,
            env={**clean, "PORT": "0", "HOST": "127.0.0.1", **environ},
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
