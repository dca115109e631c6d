"""From the setting MODEL to a folder on this machine."""

import re
import sys
import tempfile
from pathlib import Path

from app.errors import CannotStart
from app.model_folder import ModelFolder
from app.supervisor.group import Group, environ_for_children
from app.supervisor.signals import Signals

_URI = re.compile(r"[a-z][a-z0-9+.-]*:/")
LOOK_SECONDS = 0.2


def local_folder(model: str, scratch: Path, signals: Signals) -> str:
    """`model` itself if it is a folder; what an MLflow URI stands for is downloaded to `scratch`.

    Raises BrokenModel and CannotStart.
    """
    folder = _downloaded(model, scratch, signals) if _URI.match(model) else Path(model).resolve()
    ModelFolder.read(folder)
    return str(folder)


def _downloaded(uri: str, scratch: Path, signals: Signals) -> Path:
    destination = Path(tempfile.mkdtemp(dir=scratch))
    command = [sys.executable, "-m", "mlflow", "artifacts", "download"]
    command += ["--artifact-uri", uri, "--dst-path", str(destination)]
    group = Group(command, environ_for_children(), shielded=True)
    while group.exit_code() is None and not signals.stop_requested:
        group.read_output()
        signals.wait(LOOK_SECONDS)
    code = group.exit_code()
    group.kill()
    if signals.stop_requested:
        return destination
    if code != 0:
        raise CannotStart(f"MODEL {uri} cannot be fetched: {group.reason()}")
    return _holding_model(destination)


def _holding_model(folder: Path) -> Path:
    """MLflow downloads some URIs into a folder of their own."""
    found = min(folder.rglob("MLmodel"), key=lambda path: len(path.parts), default=None)
    return found.parent if found else folder
