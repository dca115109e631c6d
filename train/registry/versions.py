"""The registered model: its versions and the aliases that name them."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
from mlflow.tracking import MlflowClient

from scoring_model.integrity import TAG
from train.registry.errors import NoVersion
from train.registry.faults import blame_store

CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Version:
    """A version of a registered model: its number, the run that made it, its tags."""

    name: str
    number: str
    run_id: str
    tags: Mapping[str, str]

    @property
    def uri(self) -> str:
        """Where MLflow finds it."""
        return f"models:/{self.name}/{self.number}"


def register(
    model_uri: str,
    name: str,
    run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
) -> str:
    """Makes a logged model the next version of a registered model; returns the version.

    The version appears at once with everything that is said of it, or not at all; the digest of the
    model's manifest is among its tags, where whoever fetches it finds what it must be.
    """
    client = MlflowClient()
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise
    model_id = model_uri.removeprefix("models:/")
    version = client.create_model_version(
        name,
        model_uri,
        run_id,
        tags={**(tags or {}), TAG: client.get_logged_model(model_id).tags[TAG]},
        description=description,
        model_id=model_id,
    )
    return str(version.version)


def version(name: str, number: str) -> Version:
    """Raises NoVersion, and BrokenStore if that cannot be told."""
    try:
        return _version(MlflowClient().get_model_version(name, number))
    except MlflowException as error:
        blame_store(error)
        raise NoVersion(name, number) from error


def champion(name: str) -> Version | None:
    """The version that bears the alias `champion`, or None if none does."""
    client = MlflowClient()
    if not client.search_registered_models(f"name = '{name}'"):
        return None
    number = client.get_registered_model(name).aliases.get(CHAMPION)
    return version(name, str(number)) if number else None


def promote(name: str, number: str) -> None:
    """Gives the alias `champion` to a version."""
    set_alias(name, CHAMPION, number)


def set_alias(name: str, alias: str, number: str) -> None:
    """Gives an alias to a version, and takes it from the one that bore it."""
    MlflowClient().set_registered_model_alias(name, alias, number)


def drop_alias(name: str, alias: str) -> None:
    """Takes an alias away."""
    MlflowClient().delete_registered_model_alias(name, alias)


def tag_version(version: Version, tags: Mapping[str, str]) -> None:
    """Adds tags to a version."""
    for key, value in tags.items():
        MlflowClient().set_model_version_tag(version.name, version.number, key, value)


def _version(found: ModelVersion) -> Version:
    return Version(found.name, str(found.version), found.run_id or "", dict(found.tags))
