"""What the run of a registered version holds, for a later decision on its model."""

import tempfile
from pathlib import Path

from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from train.evaluation.clients import Scored
from train.registry.store import is_absent, store_errors
from train.registry.versions import Version


def scored(version: Version, file: str) -> Scored | None:
    """The scores in an artifact of a version's run, None if it has no such file.

    Raises BrokenStore.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _download(version, file, folder)
        return Scored.read(path) if path else None


def text(version: Version, file: str) -> str | None:
    """An artifact of a version's run as text, None if it has no such file. Raises BrokenStore."""
    with tempfile.TemporaryDirectory() as folder:
        path = _download(version, file, folder)
        return path.read_text(encoding="utf-8") if path else None


def _download(version: Version, file: str, folder: str) -> Path | None:
    with store_errors():
        try:
            found = MlflowClient().list_artifacts(version.run_id)
        except MlflowException as error:
            if not is_absent(error):
                raise
            return None
        if file not in {artifact.path for artifact in found}:
            return None
        return Path(download_artifacts(run_id=version.run_id, artifact_path=file, dst_path=folder))
