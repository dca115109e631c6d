"""The command: sets both programs up, looks after them, stops them in order."""

import socket
import tempfile
import time
from functools import partial
from pathlib import Path

from app.errors import FATAL, CannotStart
from app.journal import complain, tell
from app.settings import Settings
from app.supervisor.group import Group
from app.supervisor.kept import Kept
from app.supervisor.model_source import local_folder
from app.supervisor.ports import LOOPBACK, answers, free_port, listen
from app.supervisor.pulse import Pulse
from app.supervisor.scoring_server import start_scoring_server
from app.supervisor.shim import GRACE_SECONDS, Shim, start_shim
from app.supervisor.signals import Signals

LOOK_SECONDS = 0.2
MISCONFIGURED = 2


def main() -> int:
    """Runs until SIGTERM or SIGINT; 0 after a clean stop, 2 for what the operator must mend."""
    signals = Signals()
    try:
        settings = Settings.from_environ()
        listener = listen(settings.host, settings.port)
        with listener, _scratch() as scratch:
            folder = local_folder(settings, Path(scratch), signals)
            shim, servers = _programs(settings, listener.fileno(), folder, Path(scratch))
            host, port = listener.getsockname()[:2]
            tell("listening", host=host, port=port, scorer=settings.scorer)
            return _keep(shim, servers, listener, signals)
    except FATAL as error:
        complain(error)
        return MISCONFIGURED


def _scratch() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="credit-scoring-", ignore_cleanup_errors=True)
    except OSError as error:
        raise CannotStart(f"no folder for temporary files: {error.strerror}") from error


def _programs(
    settings: Settings, listener: int, folder: str, scratch: Path
) -> tuple[Kept, list[Kept]]:
    """The shim, and the scoring server it needs: none if it scores itself or has another's URL."""
    url, servers = settings.scorer_url, []
    if not settings.in_process and not url:
        port = free_port()
        url = f"http://{LOOPBACK}:{port}"
        start = partial(start_scoring_server, folder, port, settings)
        pulse = Pulse(port, settings.hang_seconds)
        servers = [Kept("scoring server", start, partial(answers, port), pulse)]
    shim = Shim(listener, folder, settings.model, url, scratch / "shim.pid")
    return Kept("shim", partial(start_shim, shim, settings), shim.pid_file.exists), servers


def _keep(shim: Kept, servers: list[Kept], listener: socket.socket, signals: Signals) -> int:
    """Looks after the programs until asked to stop, or the shim says that it cannot be started."""
    while not signals.stop_requested and shim.last_code != MISCONFIGURED:
        for kept in (shim, *servers):
            kept.look_after()
        signals.wait(LOOK_SECONDS)
    tell("stopping", signal=signals.stop_requested)
    listener.close()
    if shim.group:
        _drain(shim.group, servers, signals)
    for kept in (shim, *servers):
        if kept.group:
            kept.group.kill()
    tell("stopped")
    return 0 if signals.stop_requested else MISCONFIGURED


def _drain(shim: Group, servers: list[Kept], signals: Signals) -> None:
    """Lets the shim answer what it has accepted, while the scoring server still runs."""
    shim.terminate()
    deadline = time.monotonic() + GRACE_SECONDS + 2
    while shim.exit_code() is None and time.monotonic() < deadline:
        for server in servers:
            server.look_after()
        signals.wait(LOOK_SECONDS)
