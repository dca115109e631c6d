"""What a run keeps for whoever has to decide on its model later."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import mlflow
import mlflow.artifacts
from matplotlib.figure import Figure
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from requests.exceptions import RequestException

from train.data.provenance import Provenance
from train.evaluation.clients import Scored
from train.evaluation.fairness import Fairness
from train.registry.faults import blame_store
from train.registry.versions import Version


def log_provenance(provenance: Provenance) -> None:
    """The command, commit and environment that the run came from."""
    mlflow.set_tags(provenance.tags())
    mlflow.log_text(provenance.environment, "environment.txt")


def log_scored(scored: Scored, file: str) -> None:
    """Clients' scores as an artifact."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        scored.write(path)
        mlflow.log_artifact(str(path))


def scored(version: Version, file: str) -> Scored | None:
    """The scores that the run of a version kept, or None if it kept none under that name.

    Raises BrokenStore if that cannot be told.
    """
    try:
        if file not in {found.path for found in MlflowClient().list_artifacts(version.run_id)}:
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = mlflow.artifacts.download_artifacts(
                run_id=version.run_id, artifact_path=file, dst_path=folder
            )
            return Scored.read(Path(path))
    except (MlflowException, RequestException) as error:  # deleted, or out of reach for ever
        blame_store(error)
        return None


def log_fairness(fairness: Fairness, figure: Figure | None) -> None:
    """The table as CSV and Markdown, and the plot of it if there is one."""
    mlflow.log_text(fairness.to_csv(), "fairness/groups.csv")
    mlflow.log_text(fairness.to_markdown(), "fairness/groups.md")
    if figure:
        mlflow.log_figure(figure, "plots/fairness.png")


def log_verdict(json: str, markdown: str, tags: Mapping[str, str]) -> None:
    """The gate's verdict as `verdict.json`, `verdict.md` and tags of the run."""
    mlflow.log_text(json, "verdict.json")
    mlflow.log_text(markdown, "verdict.md")
    mlflow.set_tags(dict(tags))


def log_card(markdown: str, html: str) -> None:
    """The model card as `model_card.md` and `model_card.html`."""
    mlflow.log_text(markdown, "model_card.md")
    mlflow.log_text(html, "model_card.html")


def text(version: Version, file: str) -> str | None:
    """A text that the run of a version keeps, or None if it keeps none under that name.

    Raises BrokenStore if that cannot be told.
    """
    try:
        return str(mlflow.artifacts.load_text(f"runs:/{version.run_id}/{file}"))
    except (MlflowException, OSError) as error:
        blame_store(error)
        return None
