"""Where the model comes from: fetched from MLflow, verified against its manifest, watched.

`python -m app.model_store URI FOLDER` fetches in a process of its own, so that the supervisor does
not keep MLflow in memory.
"""

import json
import re
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from app.errors import CannotStart, ServiceError
from app.log import log_event
from app.settings import REQUIRED, Settings
from app.signature import verify
from scoring_model import integrity
from scoring_model.errors import BrokenModel, ScoringError

CURRENT = "current"
"""The link in the run directory to the copy of the model that is served."""

OWN_CODE = "scoring_model"
"""The package that a model carries, in the version that it was trained with."""

COPIES_KEPT = 2
"""Of renewed models: the one that is served, and the one before it, which may still be loading in
a worker that is being started."""

_ALIAS = re.compile(r"models:/(?P<name>[^/@]+)@(?P<alias>[^/@]+)")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:/")
_REGISTERED = "models:/"
_REGISTERED_META = "registered_model_meta"
"""File in which MLflow notes the version that it downloaded."""


def is_uri(model: str) -> bool:
    """Whether MODEL is to be fetched, and not a folder."""
    return bool(_URI.match(model))


def fetch(uri: str, folder: Path) -> Path:
    """Downloads the model into `folder`, and returns the folder that holds its MLmodel file.

    Raises BrokenModel if the manifest of a registered version is not the one that its tag names,
    and the errors of MLflow. The files are still to be verified against that manifest.
    """
    from mlflow.artifacts import download_artifacts

    path = Path(download_artifacts(uri, dst_path=str(folder)))
    if uri.startswith(_REGISTERED) and (path / _REGISTERED_META).is_file():
        _check_registered(uri, path)
    found = min(path.rglob("MLmodel"), key=lambda file: len(file.parts), default=None)
    return found.parent if found else path


def verified_copy(
    folder: Path, directory: Path, required: bool, public_key: str | None = None
) -> Path:
    """A private copy, below `directory`, of the very bytes that were verified.

    Where there is no manifest, and none is `required`, a copy of the folder without compiled files.
    With a `public_key`, the model has to be signed. Raises BrokenModel naming the file at fault,
    and CannotStart.
    """
    copy = Path(tempfile.mkdtemp(prefix="model-", dir=directory))
    try:
        if (folder / integrity.NAME).exists():
            integrity.Manifest.read(folder).copy(folder, copy)
        elif required or public_key:
            raise CannotStart(
                reason=f"{folder} has no {integrity.NAME}: python -m train.manifest {folder} writes"
                " one, MANIFEST=optional serves without"
            )
        else:
            log_event("model not verified", reason=f"it has no {integrity.NAME}")
            compiled = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(folder, copy, ignore=compiled, dirs_exist_ok=True)
        if public_key:
            verify(copy, folder / integrity.SIGNATURE, Path(public_key))
        _check_code(copy)
    except OSError as error:
        shutil.rmtree(copy, ignore_errors=True)
        reason = error.strerror or type(error).__name__
        raise CannotStart(reason=f"the model cannot be copied to {copy}: {reason}") from error
    except (ServiceError, ScoringError):
        shutil.rmtree(copy, ignore_errors=True)
        raise
    return copy


def _check_code(copy: Path) -> None:
    """MLflow puts a model's folder of code in front of everything else that can be imported.

    Raises BrokenModel for code that would take the place of another package than the model's own.
    """
    text = (copy / "MLmodel").read_text(encoding="utf-8")
    flavor = ((yaml.safe_load(text) or {}).get("flavors") or {}).get("python_function") or {}
    if flavor.get("code") not in (None, integrity.CODE):
        raise BrokenModel(str(copy / "MLmodel"), f"takes code from elsewhere than {integrity.CODE}")
    for path in sorted((copy / integrity.CODE).glob("*")):
        name = path.name.partition(".")[0]
        if name != OWN_CODE and (name in sys.stdlib_module_names or find_spec(name)):
            raise BrokenModel(str(path), "would replace the installed package of its name")


def fetched_copy(
    model: str, directory: Path, required: bool, public_key: str | None = None
) -> Path:
    """A `verified_copy` of a folder or, after it was fetched, of a URI."""
    with tempfile.TemporaryDirectory(dir=directory) as fetched:
        folder = fetch(model, Path(fetched)) if is_uri(model) else Path(model)
        return verified_copy(folder, directory, required, public_key)


def local_copy(model: str, directory: Path, settings: Settings) -> Path:
    """A `fetched_copy` as the settings want it. Raises CannotStart alone, which names `model`."""
    from mlflow.exceptions import MlflowException

    required = settings.manifest == REQUIRED
    try:
        return fetched_copy(model, directory, required, settings.require_signature)
    except (ServiceError, ScoringError, MlflowException, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CannotStart(reason=f"{model} cannot be used: {reason}") from error


def link_current(copy: Path, directory: Path, state: str) -> None:
    """Makes `copy`, made of the model in `state`, what every worker started from now on serves."""
    _state_file(copy).write_text(state, encoding="utf-8")
    new = Path(tempfile.mktemp(dir=directory))
    new.symlink_to(copy)
    new.replace(directory / CURRENT)


def state_of(model: str) -> str:
    """Changes when there is a new version of `model`.

    A folder is new when its files change, `models:/name@alias` when the alias moves; other URIs
    name one version for ever. Raises OSError, and the errors of MLflow.
    """
    if found := _ALIAS.fullmatch(model):
        from mlflow import MlflowClient

        version = MlflowClient().get_model_version_by_alias(found["name"], found["alias"])
        return str(version.version)
    url = urlsplit(model)
    if is_uri(model) and url.scheme != "file":
        return model
    folder = Path(unquote(url.path) if url.scheme == "file" else model)
    files = sorted(file for file in folder.rglob("*") if "__pycache__" not in file.parts)
    states = ((str(file), file.stat()) for file in files if file.is_file())
    return repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in states])


def _state_file(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.state")


@dataclass
class Watcher:
    """Looks for a new version of `model` every `seconds`, and passes a verified copy to `load`.

    It starts from the state of the `copy` that is served. What cannot be loaded is logged once,
    and changes nothing.
    """

    model: str
    copy: Path
    required: bool
    seconds: float
    load: Callable[[Path], None]
    public_key: str | None = None
    _state: str = field(default="", init=False)
    _failure: str | None = field(default=None, init=False)
    _copies: deque[Path] = field(default_factory=deque, init=False)

    def run(self) -> None:
        """Never returns."""
        self._state = _state_file(self.copy).read_text(encoding="utf-8")
        while True:
            time.sleep(self.seconds)
            try:
                self._look()
            except Exception as error:  # serving goes on whatever a store or a model does
                self._log(error)

    def _look(self) -> None:
        state = state_of(self.model)
        if state == self._state:
            return
        directory = self.copy.parent
        copy = fetched_copy(self.model, directory, self.required, self.public_key)
        try:
            self.load(copy)
        except Exception:
            shutil.rmtree(copy, ignore_errors=True)
            raise
        link_current(copy, directory, state)
        self._state, self._failure = state, None
        self._copies.append(copy)
        if len(self._copies) > COPIES_KEPT:
            shutil.rmtree(self._copies.popleft(), ignore_errors=True)

    def _log(self, error: Exception) -> None:
        """The message of an unforeseen error may quote a client."""
        reason = str(error) if isinstance(error, ServiceError | ScoringError) else ""
        failure = f"{type(error).__name__} {reason}".strip()
        if failure != self._failure:
            log_event("model not renewed", reason=failure)
        self._failure = failure


def _check_registered(uri: str, path: Path) -> None:
    from mlflow import MlflowClient

    meta = yaml.safe_load((path / _REGISTERED_META).read_text(encoding="utf-8"))
    name, number = meta.get("model_name"), meta.get("model_version")
    if not name or not number:  # a logged model that is not registered
        return
    registered = MlflowClient().get_model_version(name, str(number)).tags.get(integrity.TAG)
    try:
        found = integrity.digest(path)
    except OSError:
        found = None
    if registered and found != registered:
        raise BrokenModel(f"{uri}, version {number}", f"{integrity.NAME} is not as registered")


def main() -> int:
    """Prints the state of the model, read before it is fetched, and the folder of the fetched one;
    1 after one line that says why there is none."""
    uri, folder = sys.argv[1:]
    try:
        state = state_of(uri)
        print(json.dumps([state, str(fetch(uri, Path(folder)))]))
    except ScoringError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
