"""How gunicorn is started with the shim."""

import sys
from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from app.supervisor.group import Group, environ_for_children

GRACE_SECONDS = 22
"""For requests in flight when the service stops; Heroku ends a dyno after 30."""

KEEP_ALIVE_SECONDS = 100
"""Above the 90 seconds that Heroku's router keeps a connection, so that it is the one to close."""

SHARED_MEMORY = "/dev/shm"


@dataclass(frozen=True)
class Shim:
    """What gunicorn needs to know: the listening socket, the model's folder, what that was fetched
    from if it was, where to forward to, and a file that it writes once it has loaded the shim."""

    listener: int
    folder: str
    source: str
    scorer_url: str | None
    pid_file: Path


def start_shim(shim: Shim, settings: Settings) -> Group:
    """Starts it; `shim.pid_file` is there from when it can answer."""
    shim.pid_file.unlink(missing_ok=True)
    return Group(_command(shim, settings), _environ(shim), pass_fds=[shim.listener])


def _command(shim: Shim, settings: Settings) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "app.wsgi:application()"]
    command += ["--bind", f"fd://{shim.listener}", "--preload", "--no-control-socket"]
    command += ["--worker-class", "app.worker.Worker", "--workers", str(settings.workers)]
    command += ["--logger-class", "app.server_log.ServerLog", "--log-level", "warning"]
    command += ["--keep-alive", str(KEEP_ALIVE_SECONDS), "--graceful-timeout", str(GRACE_SECONDS)]
    if Path(SHARED_MEMORY).is_dir():  # a worker's sign of life must not wait for a disk
        command += ["--worker-tmp-dir", SHARED_MEMORY]
    return [*command, "--pid", str(shim.pid_file)]


def _environ(shim: Shim) -> dict[str, str]:
    environ = environ_for_children() | {
        "MODEL": shim.folder,
        "MODEL_SOURCE": shim.source,
        "MLFLOW_LOGGING_LEVEL": "ERROR",
        "OMP_NUM_THREADS": "1",  # one thread a request, and a master that is safe to fork
    }
    return environ | ({"SCORER_URL": shim.scorer_url} if shim.scorer_url else {})
