"""A model brought from where MLflow keeps it: `python -m app.registry URI FOLDER`."""

import sys
from pathlib import Path

from scoring_model import integrity as manifest
from scoring_model.errors import BrokenModel, ScoringError

REGISTERED = "models:/"
NOTE = "registered_model_meta"
"""In which MLflow says which version it has brought."""


def fetch(uri: str, folder: str) -> Path:
    """Downloads what `uri` stands for into `folder`; returns where it lies.

    Raises BrokenModel if the manifest of a registered version is not the one that its tag names,
    and whatever MLflow raises. What lies there is still to be held against that manifest.
    """
    from mlflow.artifacts import download_artifacts

    path = Path(download_artifacts(uri, dst_path=folder))
    if uri.startswith(REGISTERED) and (path / NOTE).is_file():
        _compare(uri, path)
    return path


def _compare(uri: str, path: Path) -> None:
    import yaml
    from mlflow import MlflowClient

    note = yaml.safe_load((path / NOTE).read_text(encoding="utf-8"))
    name, number = note.get("model_name"), note.get("model_version")
    if not name or not number:  # a logged model that is not registered
        return
    registered = MlflowClient().get_model_version(name, str(number)).tags.get(manifest.TAG)
    try:
        found = manifest.digest(path)
    except OSError:
        found = None
    if registered and found != registered:
        raise BrokenModel(f"{uri}, version {number}", f"{manifest.NAME} is not as registered")


def main() -> int:
    """0; 1 after a line that says why it cannot be fetched."""
    uri, folder = sys.argv[1:]
    try:
        fetch(uri, folder)
    except ScoringError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
