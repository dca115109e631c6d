"""The run of a training: where it is kept, what is written into it, how it ends."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import mlflow
import mlflow.data
from matplotlib.figure import Figure
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities import Run, RunStatus
from mlflow.environment_variables import (
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
    MLFLOW_RUN_ID,
)
from mlflow.tracking import MlflowClient
from mlflow.types import ColSpec, DataType, Schema

from train.data.dataset import Dataset
from train.errors import UnreachableStore
from train.evaluation.exclusion import Exclusion
from train.registry.faults import clearing_up, faults_told, impatient, tell_of_waiting
from train.registry.process import Process


def connect(say: Callable[[str], None] | None = None) -> None:
    """Raises UnreachableStore, after one try, if the tracking store does not answer.

    Once it has, it is waited for if it goes away, and `say` (or else stderr) is told so.
    """
    be_quiet()
    tell_of_waiting(say or partial(print, file=sys.stderr))
    try:
        with impatient():
            MlflowClient().search_experiments(max_results=1)
    except Exception as error:  # each kind of store raises its own
        reason = str(error).strip().splitlines()[0].rpartition("(Caused by ")[2]
        raise UnreachableStore(mlflow.get_tracking_uri(), reason) from error


@contextmanager
def training_run(experiment: str, parameters: Mapping[str, Any]) -> Iterator[Run]:
    """A run that ends as FAILED if its body does not finish.

    Under `mlflow run` it is the run which that command has made. Parameters that are logged
    already are left as they are. The run names its process, so that the next training can close it
    if this one is killed.
    """
    with faults_told(), ending(_start(experiment, Process.current().tags())) as run:
        known = run.data.params
        mlflow.log_params({key: v for key, v in parameters.items() if key not in known})
        yield run


@contextmanager
def ending(run: mlflow.ActiveRun) -> Iterator[Run]:
    """As MLflow ends a run, but without waiting anew for a server that has been given up."""
    try:
        yield run
    except BaseException as error:
        with clearing_up(error):
            mlflow.end_run(RunStatus.to_string(RunStatus.FAILED))
        raise
    mlflow.end_run()


def claim_run() -> None:
    """Names this process in the run that `mlflow run` has made, if any: from now on the next
    training can tell that it was killed, even before it has read the data."""
    if run_id := MLFLOW_RUN_ID.get():
        for name, value in Process.current().tags().items():
            MlflowClient().set_tag(run_id, name, value)


def be_quiet() -> None:
    """What MLflow tells of its own workings would drown training's progress."""
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # its errors are raised
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)
    warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")


def _start(experiment: str, tags: dict[str, str]) -> mlflow.ActiveRun:
    if MLFLOW_RUN_ID.get():
        return mlflow.start_run(tags=tags)
    number = mlflow.set_experiment(experiment).experiment_id
    return mlflow.start_run(experiment_id=number, tags=tags)


def log_dataset(dataset: Dataset, source: str) -> None:
    """The data as the run's input: where it came from, its columns, its digest."""
    kinds = {"number": DataType.double, "category": DataType.string}
    columns = [ColSpec(kinds[f.kind], f.name, required=False) for f in dataset.contract.features]
    described = MetaDataset(
        resolve_dataset_source(source),
        name=Path(source).name,
        digest=dataset.digest,
        schema=Schema(columns),
    )
    mlflow.log_input(described, context="training")


def log_results(metrics: Mapping[str, float], plots: Mapping[str, Figure]) -> None:
    """Metrics by name, and plots as `plots/<name>.png`."""
    mlflow.log_metrics(dict(metrics))
    for name, figure in plots.items():
        mlflow.log_figure(figure, f"plots/{name}.png")


def log_choice(name: str, chosen: str, why: str, candidates: Sequence[Mapping[str, Any]]) -> None:
    """What training chose: a parameter, why as a tag, and the candidates as a table."""
    mlflow.log_param(name, chosen)
    tag(f"{name}.why", why)
    columns = {column: [row[column] for row in candidates] for column in candidates[0]}
    mlflow.log_table(columns, f"tables/{name}.json")


def log_exclusion(found: Exclusion) -> None:
    """What leaving out columns changes: its metrics, and what they say as a tag."""
    mlflow.log_metrics(found.metrics)
    tag("exclude", found.says)


def tag(name: str, value: str) -> None:
    """A tag of the run."""
    mlflow.set_tag(name, value)


def log_trial(number: int, parameters: Mapping[str, Any], loss: float | None) -> None:
    """A nested run; one that was given up early has no loss and says so in a tag."""
    with ending(mlflow.start_run(run_name=f"trial {number}", nested=True)):
        mlflow.log_params(dict(parameters))
        if loss is None:
            mlflow.set_tag("pruned", "true")
        else:
            mlflow.log_metric("log_loss", loss)
