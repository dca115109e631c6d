"""The run of a training: where it is, what is written into it, how it ends."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import mlflow
import mlflow.data
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities import LoggedModelOutput, Metric, Run, RunStatus
from mlflow.environment_variables import MLFLOW_RUN_ID
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from mlflow.types import ColSpec, DataType, Schema

from train.evaluation.trained import Data
from train.registry import model_folder
from train.registry.saved import ARTIFACTS, MODEL, SavedRun
from train.registry.store import is_absent, store_errors, without_retries
from train.report.card import CARD, CARD_PAGE
from train.report.summary import source_name

EXPERIMENT_TAGS = {"mlflow.experimentKind": "custom_model_development"}
"""Opens the experiment in the user interface's mode for models that are trained."""
NOTE = "mlflow.note.content"
"""The tag that the user interface shows as the description of a run or a logged model."""
STARTED_BY_PROJECT = (
    "The training of this `mlflow run` is"
    " [run {id}](#/experiments/{at}/runs/{id}?workflowType=machine_learning)."
)


@contextmanager
def training_run(experiment: str, name: str, params: Mapping[str, Any]) -> Iterator[str]:
    """The id of a run in `experiment` that ends as FAILED if its body raises.

    The run that `mlflow run` has made is continued if it is in that experiment; one in another
    experiment gets a link to the new run. Raises BrokenStore.
    """
    with store_errors():
        run = _start(experiment, name)
        known = run.data.params
        mlflow.log_params({key: value for key, value in params.items() if key not in known})
        with _ending():
            yield run.info.run_id


@contextmanager
def continued_run(saved: SavedRun) -> Iterator[str]:
    """The run that a saved model was trained in; a new one where the store has no such run."""
    with store_errors():
        try:
            run = mlflow.start_run(MlflowClient().get_run(saved.run_id).info.run_id)
        except MlflowException as error:
            if not is_absent(error):
                raise
            run = _start(saved.experiment, saved.run_name)
        with _ending():
            yield run.info.run_id


def _start(experiment: str, name: str) -> Run:
    found = mlflow.set_experiment(experiment)
    mlflow.set_experiment_tags(EXPERIMENT_TAGS)
    project = MLFLOW_RUN_ID.get()
    if project and MlflowClient().get_run(project).info.experiment_id != found.experiment_id:
        MLFLOW_RUN_ID.unset()
        run = mlflow.start_run(run_name=name)
        note = STARTED_BY_PROJECT.format(id=run.info.run_id, at=found.experiment_id)
        MlflowClient().set_tag(project, NOTE, note)
        MlflowClient().update_run(project, name=f"mlflow run: {name}")
        return run
    return mlflow.start_run(run_name=name)


@contextmanager
def _ending() -> Iterator[None]:
    """Ends the active run; after an error without waiting for a store that may be away."""
    try:
        yield
    except BaseException:
        with suppress(Exception), without_retries():
            mlflow.end_run(RunStatus.to_string(RunStatus.FAILED))
        raise
    mlflow.end_run()


def log_dataset(data: Data) -> None:
    """The data as the active run's input: where it came from, its columns, its digest."""
    kinds = {"number": DataType.double, "category": DataType.string}
    features = data.dataset.contract.features
    source = (
        CodeDatasetSource(tags={"mlflow.source.name": data.source})
        if data.source.startswith("python ")
        else resolve_dataset_source(data.source)
    )
    described = MetaDataset(
        source,
        name=source_name(data),
        digest=data.dataset.digest,
        schema=Schema([ColSpec(kinds[f.kind], f.name, required=False) for f in features]),
    )
    mlflow.log_input(described, context="training")


def log_trial(number: int, parameters: Mapping[str, Any], loss: float | None) -> None:
    """A nested run; one that was given up early has no loss and says so in a tag."""
    with mlflow.start_run(run_name=f"trial {number}", nested=True):
        mlflow.log_params(dict(parameters))
        if loss is None:
            mlflow.set_tag("pruned", "true")
        else:
            mlflow.log_metric("log_loss", loss)


def upload(saved: SavedRun, folder: Path, run_id: str) -> str:
    """Logs into the active run everything that a saved model's folder holds; returns the id of the
    logged model."""
    client = MlflowClient()
    client.update_run(run_id, name=saved.run_name)
    mlflow.log_params(dict(saved.params))
    mlflow.set_tags({**saved.tags, NOTE: saved.description})
    mlflow.log_artifacts(str(folder / ARTIFACTS))
    params = {key: str(value) for key, value in saved.params.items()}
    tags = {**saved.tags, NOTE: saved.description}
    logged = mlflow.initialize_logged_model(saved.name, run_id, tags, params, "pyfunc")
    for card in (CARD, CARD_PAGE):
        shutil.copy(folder / ARTIFACTS / card, folder / MODEL)
    model_folder.finish(folder / MODEL, logged.model_id)
    client.log_model_artifacts(logged.model_id, str(folder / MODEL))
    mlflow.finalize_logged_model(logged.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    mlflow.log_metrics(dict(saved.metrics), model_id=logged.model_id)
    steps = saved.steps.items()
    points = [Metric(name, value, 0, step) for name, values in steps for step, value in values]
    client.log_batch(run_id, metrics=points)
    return str(logged.model_id)
