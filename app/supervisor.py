"""Starts the service and its scoring server, restarts what ends or hangs, stops both in order."""

import atexit
import json
import math
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from types import FrameType

from app.errors import FAILED_FILE, FATAL, MISCONFIGURED, CannotStart
from app.liveness import Heartbeats, Liveness, Probe, Unwatched
from app.log import log_event, print_line
from app.model_folder import ModelFolder
from app.model_store import CURRENT, is_uri, link_current, state_of, verified_copy
from app.process_group import STOP_SIGNALS, ProcessGroup, child_environ
from app.settings import REQUIRED, Settings
from scoring_model.errors import PickleForbidden
from scoring_model.integrity import pickles_allowed

STEP_SECONDS = 0.2
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a restart; doubled each time the program ends before it was up."""

GRACE_SECONDS = 22
"""For requests that are being answered when the service stops; Heroku kills after 30."""

KEEP_ALIVE_SECONDS = "3600"
"""The service keeps its connections to the scoring server; uvicorn would close them after 5."""

LONGEST_SOCKET_PATH = 100
LONGEST_HEAD = 2 * 64 * 1024
"""Bytes of a head that the server reads at most; the service answers 431 from half of it on."""

SPOOL = "spool"
DELIVER = [sys.executable, "-m", "ledger", "deliver"]
DELIVERY_SECONDS = 5
"""For decisions that wait when the service has stopped; Heroku kills 30 seconds after SIGTERM."""

MOST_CONNECTIONS = 16_384
ACCEPT_SECONDS, CLOSING_SECONDS = 0.05, 1.0
STARTING = b'{"error":"the service is starting: try again shortly","details":[],"request_id":""}'


def run() -> int:
    """Runs until SIGTERM, SIGINT or SIGHUP. The exit code: 0 after a requested stop, 2 after one
    line on stderr for a setting or a model that cannot be used."""
    stop = StopRequest()
    try:
        settings = Settings.from_environ()
        port = Port(settings.host, settings.port)
        with _run_directory() as scratch:
            directory = Path(scratch)
            copy, state = _model(settings, directory, stop)
            link_current(copy, directory, state)
            log_event("listening", host=settings.host, port=port.number, scorer=settings.scorer)
            programs = _programs(settings, port.number, directory)
            print_line(f"open http://localhost:{port.number}")
            return _supervise(settings, programs, port, directory, stop)
    except Stopped:
        return 0
    except FATAL as error:
        print_line(error)
        return MISCONFIGURED


class Stopped(Exception):
    """A stop was requested while the model was being fetched."""


class StopRequest:
    """Remembers the signal that asks the service to stop."""

    def __init__(self) -> None:
        self.signal: str | None = None
        for number in STOP_SIGNALS:
            signal.signal(number, self._received)

    def _received(self, number: int, _frame: FrameType | None) -> None:
        self.signal = signal.Signals(number).name


class Port:
    """The public port: bound at once, and answering 503 as long as the service does not.

    The service shares it by SO_REUSEPORT. Raises CannotStart if another program has it, or `host`
    is not an address of this machine.
    """

    def __init__(self, host: str, number: int) -> None:
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._host = host
        try:
            with socket.create_server((host, number), family=self._family) as free:
                self.number: int = free.getsockname()[1]
            self._closing = Event()
            self._thread: Thread | None = None
            self.open()
        except OSError as error:
            reason = error.strerror or "is not an address of this machine"
            raise CannotStart(reason=f"cannot listen on {host} port {number}: {reason}") from error

    def open(self) -> None:
        """Answers from now on."""
        if self._thread is None:
            listener = socket.create_server(
                (self._host, self.number), family=self._family, backlog=1024, reuse_port=True
            )
            self._closing.clear()
            self._thread = Thread(target=self._answer, args=(listener,), daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Leaves the port to the service, once the connections that wait have been answered."""
        if self._thread is not None:
            self._closing.set()
            self._thread.join()
            self._thread = None

    def _answer(self, listener: socket.socket) -> None:
        """Closing a listener resets the connections that it has not accepted."""
        listener.settimeout(ACCEPT_SECONDS)
        closed_at = math.inf
        with listener:
            while time.monotonic() < closed_at:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    if self._closing.is_set():
                        return
                    continue
                except OSError:  # too many open files, or the caller has gone
                    time.sleep(ACCEPT_SECONDS)
                    continue
                with suppress(OSError), connection:
                    connection.settimeout(0.2)
                    connection.recv(65536)
                    connection.sendall(
                        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                        b"Retry-After: 2\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                        % (len(STARTING), STARTING)
                    )
                    connection.shutdown(socket.SHUT_WR)
                if self._closing.is_set():
                    closed_at = min(closed_at, time.monotonic() + CLOSING_SECONDS)


class Program:
    """A program that is restarted, with growing pauses, whenever it ends."""

    def __init__(
        self, name: str, start: Callable[[], ProcessGroup], watch: Callable[[], Liveness]
    ) -> None:
        self.name, self._start, self._watch = name, start, watch
        self.group: ProcessGroup | None = None
        self.is_up = False
        self._liveness: Liveness | None = None
        self._pause, self._start_at = FIRST_PAUSE, 0.0

    def step(self, hang_seconds: float) -> None:
        """Starts it when it is due, notes whether it is up or has ended, and replaces what
        hangs. Called several times a second."""
        if self.group is None or self._liveness is None:
            if time.monotonic() >= self._start_at:
                self._liveness, self.group = self._watch(), self._start()
            return
        self.group.read_output()
        code = self.group.exit_code()
        if code is not None:
            self._ended(self.group, code)
        elif not self.is_up and self._liveness.is_up():
            self.is_up, self._pause = True, FIRST_PAUSE
            log_event(f"{self.name} is up")
        else:
            self._liveness.kill_hung(self.group, hang_seconds)

    def is_running(self) -> bool:
        """Whether its process exists."""
        return self.group is not None and self.group.exit_code() is None

    def terminate(self) -> None:
        """Asks it to stop."""
        if self.group:
            self.group.terminate()

    def kill(self) -> None:
        """Ends it and all that it started."""
        if self.group:
            self.group.kill()

    def _ended(self, group: ProcessGroup, code: int) -> None:
        """The output of a program that was up is not logged: it may quote a client's data."""
        group.kill()
        if self._liveness:
            self._liveness.stop()
        how = f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
        reason = how if self.is_up else f"{how}: {group.reason()}"
        log_event(f"{self.name} ended", reason=reason, restart_in_seconds=self._pause)
        self._start_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.group, self.is_up = None, False


def _supervise(
    settings: Settings,
    programs: Sequence[Program],
    port: Port,
    directory: Path,
    stop: StopRequest,
) -> int:
    """`programs` end with the service, which is stopped first, while the others still run."""
    *others, service = programs
    failed = directory / FAILED_FILE
    while not stop.signal and not failed.exists():
        for program in programs:
            program.step(settings.hang_seconds)
        (port.close if service.is_up else port.open)()
        time.sleep(STEP_SECONDS)
    log_event("stopping", signal=stop.signal)
    port.close()
    deadline = time.monotonic() + GRACE_SECONDS + 2
    service.terminate()
    while service.is_up and service.is_running() and time.monotonic() < deadline:
        for program in others:
            program.step(settings.hang_seconds)
        time.sleep(STEP_SECONDS)
    for program in programs:
        program.kill()
    if settings.ledger and settings.ledger.mode == SPOOL:
        _deliver_rest()
    log_event("stopped")
    return MISCONFIGURED if failed.exists() else 0


def _deliver_rest() -> None:
    """Delivers what the service kept at last, for a disk that may go away with this process."""
    group = ProcessGroup([*DELIVER, "--once"], child_environ())
    deadline = time.monotonic() + DELIVERY_SECONDS
    while group.exit_code() is None and time.monotonic() < deadline:
        time.sleep(STEP_SECONDS)
    group.kill()


def _programs(settings: Settings, number: int, directory: Path) -> list[Program]:
    """The scoring server, where the service needs one of its own, the delivery of decisions, where
    they wait in a spool, and the service."""
    programs, url = [], settings.scorer_url
    if settings.ledger and settings.ledger.mode == SPOOL:
        deliver = partial(ProcessGroup, DELIVER, child_environ())
        programs.append(Program("delivery", deliver, Unwatched))
    if not settings.in_process and not url:
        path = directory / "scorer.sock"
        if len(str(path)) > LONGEST_SOCKET_PATH:
            raise CannotStart(reason=f"the path of the temporary folder is too long: {directory}")
        url = f"unix://{path}"
        start = partial(_start_scoring_server, path, directory, settings)
        programs.append(Program("scoring server", start, partial(Probe, path)))
    metrics = _metrics_directory(directory)
    environ = child_environ() | {
        "RUN_DIRECTORY": str(directory),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "MLFLOW_LOGGING_LEVEL": "ERROR",
        "OMP_NUM_THREADS": "1",
        **({"SCORER_URL": url} if url else {}),
    }
    start = partial(ProcessGroup, _service_command(settings, number), environ)
    return [*programs, Program("service", start, partial(Heartbeats, directory))]


def _service_command(settings: Settings, number: int) -> list[str]:
    options = {
        "interface": "asgi",
        "host": settings.host,
        "port": number,
        "http": 1,
        "workers": settings.workers,
        "backlog": 2048,
        "backpressure": MOST_CONNECTIONS,
        "http1-buffer-size": LONGEST_HEAD,
        "http1-header-read-timeout": min(60_000, round(settings.body_seconds * 1000)),
        "workers-kill-timeout": GRACE_SECONDS,
    }
    flags = ["--factory", "--no-ws", "--no-log", "--respawn-failed-workers"]
    listed = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    return [sys.executable, "-m", "granian", *listed, *flags, "app.asgi:create_application"]


def _start_scoring_server(path: Path, directory: Path, settings: Settings) -> ProcessGroup:
    """`mlflow models serve`; uvicorn, which it runs, takes the Unix socket from its environment."""
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "app.mlflow_serve", "--env-manager", "local"]
    command += ["--model-uri", str((directory / CURRENT).resolve())]
    command += ["--timeout", str(round(settings.timeout_seconds) + 1)]
    environ = child_environ() | {
        "UVICORN_UDS": str(path),
        "UVICORN_ACCESS_LOG": "false",
        "UVICORN_LOG_LEVEL": "warning",
        "UVICORN_TIMEOUT_KEEP_ALIVE": KEEP_ALIVE_SECONDS,
    }
    return ProcessGroup(command, environ, shielded=True)


def _run_directory() -> tempfile.TemporaryDirectory[str]:
    """Only this user may enter it: it holds the model, and the socket of the scoring server."""
    try:
        return tempfile.TemporaryDirectory(prefix="credit-scoring-", ignore_cleanup_errors=True)
    except OSError as error:
        raise CannotStart(reason=f"no folder for temporary files: {error.strerror}") from error


def _metrics_directory(directory: Path) -> Path:
    """In memory where there is room for it, so that a full disk keeps no worker from starting."""
    metrics = directory / "metrics"
    try:
        shared = Path(tempfile.mkdtemp(prefix=f"{directory.name}-", dir="/dev/shm"))
    except OSError:
        metrics.mkdir()
        return metrics
    atexit.register(shutil.rmtree, shared, ignore_errors=True)
    return shared


def _model(settings: Settings, directory: Path, stop: StopRequest) -> tuple[Path, str]:
    """A verified copy of the model that `settings` name, fetched where it is a URI, and the state
    that the model was in.

    Raises BrokenModel, CannotStart and Stopped.
    """
    if not settings.scorer_url and not pickles_allowed():
        raise PickleForbidden("model.pkl")
    fetched = Path(tempfile.mkdtemp(dir=directory))
    if is_uri(settings.model):
        state, folder = _fetched(settings.model, fetched, stop)
    else:
        state, folder = state_of(settings.model), Path(settings.model).resolve()
    ModelFolder.read(folder)
    copy = verified_copy(
        folder, directory, settings.manifest == REQUIRED, settings.require_signature
    )
    shutil.rmtree(fetched)
    return copy, state


def _fetched(uri: str, folder: Path, stop: StopRequest) -> tuple[str, Path]:
    """In a process of its own, so that MLflow does not stay in memory."""
    command = [sys.executable, "-m", "app.model_store", uri, str(folder)]
    group = ProcessGroup(command, child_environ(), shielded=True)
    while group.exit_code() is None and not stop.signal:
        group.read_output()
        time.sleep(STEP_SECONDS)
    code = group.exit_code()
    group.kill()
    if stop.signal:
        raise Stopped
    if code != 0:
        raise CannotStart(reason=f"MODEL {uri} cannot be fetched: {group.reason()}")
    state, path = json.loads(group.reason())
    return state, Path(path)
