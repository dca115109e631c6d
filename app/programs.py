"""The programs of the service: how each is started, and restarted when it ends or hangs."""

import atexit
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.errors import CannotStart
from app.liveness import Heartbeats, Liveness, Probe, Unwatched
from app.log import log_event
from app.model_store import CURRENT
from app.process_group import ProcessGroup, child_environ
from app.settings import Settings

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a restart; doubled each time the program ends before it was up."""

GRACE_SECONDS = 22
"""For requests that are being answered when the service stops; Heroku kills after 30."""

KEEP_ALIVE_SECONDS = "3600"
"""The service keeps its connections to the scoring server; uvicorn would close them after 5."""

LONGEST_SOCKET_PATH = 100
LONGEST_HEAD = 2 * 64 * 1024
"""Bytes of a head that the server reads at most; the service answers 431 from half of it on."""

MOST_CONNECTIONS = 16_384
SPOOL = "spool"
DELIVER = [sys.executable, "-m", "ledger", "deliver"]


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


def programs_of(settings: Settings, number: int, directory: Path) -> list[Program]:
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
