"""The connection to the tracking store, and what can go wrong with it."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
from mlflow.environment_variables import (
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
    MLFLOW_HTTP_REQUEST_MAX_RETRIES,
)
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from requests.exceptions import RequestException

from train.errors import TrainError, UnreachableStore

ABSENT = {"NOT_FOUND", "INVALID_PARAMETER_VALUE"}
"""Beside `..._DOES_NOT_EXIST`, the error codes of registries for what is not there."""


class BrokenStore(TrainError):
    """The tracking store or its registry failed after it had answered."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"the tracking store {uri} has failed: {reason}")
        self.uri, self.reason = uri, reason


def connect() -> None:
    """Raises UnreachableStore, after one try, if the tracking store does not answer."""
    quiet()
    try:
        with without_retries():
            MlflowClient().search_experiments(max_results=1)
    except Exception as error:  # each kind of store raises its own
        reason = str(error).strip().splitlines()[0].rpartition("(Caused by ")[2]
        raise UnreachableStore(mlflow.get_tracking_uri(), reason) from error


@contextmanager
def store_errors() -> Iterator[None]:
    """Turns what MLflow raises into BrokenStore."""
    try:
        yield
    except (MlflowException, RequestException) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BrokenStore(mlflow.get_tracking_uri(), reason) from error


@contextmanager
def without_retries() -> Iterator[None]:
    """Meanwhile MLflow tries every request once."""
    retries = MLFLOW_HTTP_REQUEST_MAX_RETRIES.get()
    MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(0)
    try:
        yield
    finally:
        MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(retries)


def is_absent(error: MlflowException) -> bool:
    """Whether the store answered that what was asked for does not exist."""
    code = str(error.error_code)
    return code in ABSENT or code.endswith("DOES_NOT_EXIST")


def quiet() -> None:
    """Silences MLflow's messages about its own workings."""
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # its errors are raised
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)
    warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")
