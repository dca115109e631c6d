"""Starts the service and its scoring server, restarts what ends or hangs, stops both in order."""

import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from app.errors import FAILED_FILE, FATAL, MISCONFIGURED, CannotStart
from app.log import log_event, print_line
from app.model_folder import ModelFolder
from app.model_store import is_uri, link_current, state_of, verified_copy
from app.port import Port
from app.process_group import STOP_SIGNALS, ProcessGroup, child_environ
from app.programs import DELIVER, GRACE_SECONDS, SPOOL, Program, programs_of
from app.settings import REQUIRED, Settings
from scoring_model.errors import PickleForbidden
from scoring_model.integrity import pickles_allowed

STEP_SECONDS = 0.2
DELIVERY_SECONDS = 5
"""For decisions that wait when the service has stopped; Heroku kills 30 seconds after SIGTERM."""


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
            programs = programs_of(settings, port.number, directory)
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


def _run_directory() -> tempfile.TemporaryDirectory[str]:
    """Only this user may enter it: it holds the model, and the socket of the scoring server."""
    try:
        return tempfile.TemporaryDirectory(prefix="credit-scoring-", ignore_cleanup_errors=True)
    except OSError as error:
        raise CannotStart(reason=f"no folder for temporary files: {error.strerror}") from error


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
