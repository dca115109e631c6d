"""From the setting MODEL to a folder on this machine that holds nothing but what was checked."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from app.errors import CannotStart
from app.model_folder import ModelFolder
from app.settings import Settings
from app.supervisor.group import Group, environ_for_children
from app.supervisor.signals import Signals
from app.verification import checked_copy
from scoring_model.errors import PickleForbidden
from scoring_model.integrity import pickles_allowed

_URI = re.compile(r"[a-z][a-z0-9+.-]*:/")
LOOK_SECONDS = 0.2


def local_folder(settings: Settings, scratch: Path, signals: Signals) -> str:
    """The model that `settings` name, downloaded if it is an MLflow URI, checked and copied to
    `scratch`. After a request to stop it is anything.

    Raises BrokenModel and CannotStart.
    """
    model = settings.model
    if not settings.scorer_url and not pickles_allowed():
        raise PickleForbidden("model.pkl")
    fetched = Path(tempfile.mkdtemp(dir=scratch))
    folder = _downloaded(model, fetched, signals) if _URI.match(model) else Path(model).resolve()
    if not signals.stop_requested:
        ModelFolder.read(folder)
        folder = checked_copy(folder, scratch / "model", settings.manifest_required)
        if not folder.is_relative_to(fetched):
            shutil.rmtree(fetched)
    return str(folder)


def _downloaded(uri: str, destination: Path, signals: Signals) -> Path:
    command = [sys.executable, "-m", "app.registry", uri, str(destination)]
    group = Group(command, environ_for_children(), shielded=True)
    while group.exit_code() is None and not signals.stop_requested:
        group.read_output()
        signals.wait(LOOK_SECONDS)
    code = group.exit_code()
    group.kill()
    if code != 0 and not signals.stop_requested:
        raise CannotStart(f"MODEL {uri} cannot be fetched: {group.reason()}")
    return _holding_model(destination)


def _holding_model(folder: Path) -> Path:
    """MLflow downloads some URIs into a folder of their own."""
    found = min(folder.rglob("MLmodel"), key=lambda path: len(path.parts), default=None)
    return found.parent if found else folder
