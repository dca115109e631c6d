"""Training's every call into MLflow: the run, the model, the registry."""

import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
import mlflow.artifacts
import mlflow.data
import mlflow.pyfunc
from matplotlib.figure import Figure
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities import Run
from mlflow.environment_variables import (
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
    MLFLOW_HTTP_REQUEST_MAX_RETRIES,
    MLFLOW_RUN_ID,
)
from mlflow.models import Model, ModelSignature
from mlflow.tracking import MlflowClient
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

import scoring_model
from scoring_model import artifacts
from scoring_model.artifacts import Artifacts
from train.dataset import Dataset
from train.errors import UnreachableStore

CHAMPION = "champion"
PACKAGE = Path(scoring_model.__file__).parent
SERVING = ("mlflow-skinny", "cloudpickle", "lightgbm", "numpy", "pandas", "scikit-learn")
"""What the logged model needs to be served anywhere, at the versions it was trained with."""


def connect() -> None:
    """Raises UnreachableStore, after one try, if the tracking store does not answer."""
    _be_quiet()
    patience = MLFLOW_HTTP_REQUEST_MAX_RETRIES.get()
    MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(0)
    try:
        MlflowClient().search_experiments(max_results=1)
    except Exception as error:  # each kind of store raises its own
        reason = str(error).strip().splitlines()[0].rpartition("(Caused by ")[2]
        raise UnreachableStore(mlflow.get_tracking_uri(), reason) from error
    finally:
        MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(patience)


@contextmanager
def training_run(experiment: str, parameters: Mapping[str, Any]) -> Iterator[Run]:
    """A run that ends as FAILED if its body does not finish.

    Under `mlflow run` it is the run which that command has made. Parameters that are logged
    already are left as they are.
    """
    with _start(experiment) as run:
        known = run.data.params
        mlflow.log_params({key: v for key, v in parameters.items() if key not in known})
        yield run


def _be_quiet() -> None:
    """What MLflow tells of its own workings would drown training's progress."""
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)
    warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")


def _start(experiment: str) -> mlflow.ActiveRun:
    if MLFLOW_RUN_ID.get():
        return mlflow.start_run()
    return mlflow.start_run(experiment_id=mlflow.set_experiment(experiment).experiment_id)


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


def log_model(model: Artifacts, example: dict[str, Any]) -> str:
    """Logs the pyfunc model with its code, contract and input example; returns its URI."""
    with tempfile.TemporaryDirectory() as folder:
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(PACKAGE / "entry.py"),
            artifacts=artifacts.save(model, Path(folder)),
            code_paths=[str(PACKAGE)],
            signature=_signature(model.contract.id, example[model.contract.id]),
            input_example=[example],
            pip_requirements=[f"{name}=={version(name)}" for name in SERVING],
        )
    return str(logged.model_uri)


def _signature(id_column: str, id: Any) -> ModelSignature:
    """Outputs and params; no inputs, which the contract checks faster and more kindly."""
    outputs = [
        ColSpec(DataType.long if isinstance(id, int) else DataType.string, id_column),
        ColSpec(DataType.double, "solvency"),
        ColSpec(DataType.double, "threshold"),
        ColSpec(DataType.string, "decision"),
    ]
    params = [ParamSpec("threshold", DataType.double, default=None)]
    return ModelSignature(outputs=Schema(outputs), params=ParamSchema(params))


def register(model_uri: str, name: str) -> str:
    """Makes a logged model the next version of a registered model; returns the version."""
    return str(mlflow.register_model(model_uri, name).version)


def promote(name: str, version: str) -> None:
    """Gives the alias `champion` to a version."""
    MlflowClient().set_registered_model_alias(name, CHAMPION, version)


def download(model_uri: str, folder: Path) -> Path:
    """The logged model's own folder, copied below `folder`."""
    return Path(mlflow.artifacts.download_artifacts(model_uri, dst_path=str(folder)))


def forget_paths(mlmodel: Path) -> None:
    """Makes an `MLmodel` file name its artifacts by file name alone, as found beside it."""
    model = Model.load(str(mlmodel))
    flavor = model.flavors["python_function"]
    for artifact in flavor["artifacts"].values():
        artifact["path"] = artifact["uri"] = Path(artifact["path"]).name
    flavor["model_code_path"] = Path(flavor["model_code_path"]).name
    model.artifact_path = None
    model.save(str(mlmodel))
