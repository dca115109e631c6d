"""The registered model: its versions, the aliases that name them, and the files of their runs."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
from mlflow.tracking import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

from train.errors import TrainError
from train.registry.store import is_absent, store_errors
from train.report.summary import GENERATED

CHAMPION, CHALLENGER = "champion", "challenger"
DESCRIPTION = (
    "Estimates the probability that an applicant will default on a loan. The version with the alias"
    " champion decides; challenger is the latest one that was not promoted. Each version's"
    " description is its model card."
)
Content = TypeVar("Content")


@dataclass(frozen=True)
class Version:
    """A version of a registered model: its number, the run that made it, its tags."""

    name: str
    number: str
    run_id: str
    tags: Mapping[str, str]

    @classmethod
    def of(cls, found: ModelVersion) -> "Version":
        """From MLflow's entity, in which a number may be an integer, and a run missing."""
        return cls(found.name, str(found.version), found.run_id or "", dict(found.tags))

    @property
    def uri(self) -> str:
        """Where MLflow finds it."""
        return f"models:/{self.name}/{self.number}"

    @property
    def generated(self) -> bool:
        """Whether it was trained on generated clients."""
        return self.tags.items() >= GENERATED.items()


def register(
    name: str, model_id: str, run_id: str, tags: Mapping[str, str], description: str
) -> Version:
    """Makes a logged model the next version of a registered model.

    The version appears at once with its tags and description, or not at all.
    """
    client = MlflowClient()
    try:
        client.create_registered_model(name, description=DESCRIPTION)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise
    source = f"models:/{model_id}"
    made = client.create_model_version(
        name, source, run_id, tags=dict(tags), description=description, model_id=model_id
    )
    link = [{"name": name, "version": str(made.version)}]
    client.set_logged_model_tags(model_id, {MLFLOW_MODEL_VERSIONS: json.dumps(link)})
    return Version.of(made)


def version(name: str, number: str) -> Version:
    """Raises TrainError where there is none, and BrokenStore."""
    with store_errors():
        try:
            return Version.of(MlflowClient().get_model_version(name, number))
        except MlflowException as error:
            if not is_absent(error):
                raise
            raise TrainError(f"{name} has no version {number}") from error


def champion(name: str) -> Version | None:
    """The version that bears the alias `champion`, or None if none does. Raises BrokenStore."""
    with store_errors():
        try:
            found = MlflowClient().get_model_version_by_alias(name, CHAMPION)
        except MlflowException as error:
            if not is_absent(error):
                raise
            return None
        # Some registries leave the tags out of what an alias names.
        return version(name, str(found.version))


def number_of(version: Version | None) -> str | None:
    """Its number, None for no version."""
    return version.number if version else None


def version_of(number: str | None) -> str:
    """A version in a sentence."""
    return f"version {number}" if number else "no version"


def move_champion(name: str, before: str | None, after: str) -> None:
    """Gives the alias `champion` from one version to another.

    Registries cannot do that on condition, so this looks before and after. Raises TrainError if
    another tool has moved it.
    """
    _expect(name, before)
    set_alias(name, CHAMPION, after)
    _expect(name, after)


def set_alias(name: str, alias: str, number: str) -> None:
    """Gives an alias to a version, and takes it from the one that bore it."""
    MlflowClient().set_registered_model_alias(name, alias, number)


def stored(version: Version, file: str, read: Callable[[Path], Content]) -> Content | None:
    """What `read` makes of an artifact of a version's run, None if it has no such file.

    Raises BrokenStore.
    """
    with store_errors(), tempfile.TemporaryDirectory() as folder:
        try:
            found = MlflowClient().list_artifacts(version.run_id)
        except MlflowException as error:
            if not is_absent(error):
                raise
            return None
        if file not in {artifact.path for artifact in found}:
            return None
        uri = f"runs:/{version.run_id}/{file}"
        return read(Path(download_artifacts(uri, dst_path=folder)))


def _expect(name: str, number: str | None) -> None:
    found = number_of(champion(name))
    if found != number:
        raise TrainError(
            f"champion of {name} should be {version_of(number)} and is {version_of(found)}:"
            " another tool has moved the alias meanwhile"
        )
