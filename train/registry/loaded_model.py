"""A registered or exported model, fetched to score with: in this process or on Spark."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import mlflow.artifacts
import mlflow.pyfunc
import pandas as pd
import yaml
from mlflow.exceptions import MlflowException
from mlflow.models import Model

import scoring_model
from scoring_model.artifacts import read_contract
from scoring_model.contract import Contract
from scoring_model.errors import BrokenModel, InvalidRows
from train.errors import MissingModel, TrainError
from train.registry.store import connect, is_absent, quiet, store_errors

REGISTRY = "models:/"
PACKAGE = scoring_model.__name__

Predict = Callable[[pd.DataFrame, Mapping[str, Any]], pd.DataFrame]
"""From clients and params to one answer a row. Raises InvalidRows, and TrainError for what else
goes wrong."""


@dataclass(frozen=True)
class Fetched:
    """A model's folder on this machine, its contract, and its version in the registry; one that
    comes from no registry is named by its model id."""

    folder: Path
    version: str
    contract: Contract


def fetch(uri: str, folder: Path) -> Fetched:
    """The model that `uri` names: a folder, `models:/name@alias`, `models:/name/version`, or
    whatever else MLflow can download, which is then copied below `folder`.

    Raises MissingModel and BrokenStore.
    """
    quiet()
    here = Path(uri)
    if ":/" in uri:
        here = _downloaded(uri, folder)
    elif not (here / "MLmodel").is_file():
        raise MissingModel(uri, "it is neither a folder with an MLmodel nor a models:/ URI")
    try:
        described = Model.load(str(here))
        named = described.flavors["python_function"]["artifacts"]
        contract = read_contract(here / named["contract"]["path"])
    except (MlflowException, KeyError, BrokenModel) as e:
        raise MissingModel(uri, "it has no contract, so it is none of this project's") from e
    version = _version(here) or str(described.model_id or here.name)
    return Fetched(here, version, contract)


def _downloaded(uri: str, folder: Path) -> Path:
    if uri.startswith(REGISTRY) and not mlflow.active_run():
        connect()  # in a run the store has answered already, and is waited for if it is away
    with store_errors():
        try:
            return Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(folder)))
        except (MlflowException, FileNotFoundError) as e:
            if isinstance(e, MlflowException) and not is_absent(e):
                raise
            raise MissingModel(uri, f"{e}".strip().splitlines()[0]) from e


def _version(folder: Path) -> str | None:
    """The version that MLflow notes beside a model that it brings from the registry."""
    note = folder / "registered_model_meta"
    return str(yaml.safe_load(note.read_text())["model_version"]) if note.is_file() else None


def load(fetched: Fetched, threads: int) -> Predict:
    """The model as a function. Raises MissingModel if a file of it is broken."""
    try:
        with _its_own_code():
            model = mlflow.pyfunc.load_model(
                str(fetched.folder), model_config={"prediction_threads": threads}
            )
    except MlflowException as e:
        raise MissingModel(str(fetched.folder), f"{e}".splitlines()[0]) from e

    def predict(clients: pd.DataFrame, params: Mapping[str, Any]) -> pd.DataFrame:
        try:
            answers: pd.DataFrame = model.predict(clients, params={**params} or None)
        except MlflowException as e:
            lines = str(e).splitlines() or [type(e).__name__]
            refused = TrainError(f"the model refuses: {lines[0]}")
            raise InvalidRows.from_json(lines[-1]) or refused from e
        return answers

    return predict


@contextmanager
def _its_own_code() -> Iterator[None]:
    """While a model is loaded, its own copy of `scoring_model` goes before the project's: a version
    from before a change of ours, or after it, scores as it does where it is served."""
    ours = _modules()
    for name in ours:
        del sys.modules[name]
    path = [*sys.path]
    try:
        yield
    finally:
        for name in _modules():
            del sys.modules[name]
        sys.modules.update(ours)
        sys.path[:] = path


def _modules() -> dict[str, Any]:
    return {n: module for n, module in sys.modules.items() if n.partition(".")[0] == PACKAGE}


def on_spark(session: Any, fetched: Fetched, result: str, params: Mapping[str, Any]) -> Any:
    """A Spark function from a struct of the clients' columns to a struct `result` of answers."""
    return mlflow.pyfunc.spark_udf(
        session,
        str(fetched.folder),
        result_type=result,
        env_manager="local",
        params={**params} or None,
    )
