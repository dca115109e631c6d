"""The connection to the tracking store, and one process of this machine at a time."""

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path

import mlflow
from filelock import FileLock, Timeout
from mlflow.environment_variables import (
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
    MLFLOW_HTTP_REQUEST_MAX_RETRIES,
)
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from requests.exceptions import RequestException

from train.errors import BrokenStore, TrainError

ABSENT = {"NOT_FOUND", "INVALID_PARAMETER_VALUE"}
"""Beside `..._DOES_NOT_EXIST`, the error codes of registries for what is not there."""
LOCK_SECONDS = 600.0


def connect() -> None:
    """Raises BrokenStore, after one try, if the tracking store does not answer."""
    quiet()
    try:
        with without_retries():
            MlflowClient().search_experiments(max_results=1)
    except Exception as error:  # each kind of store raises its own
        reason = str(error).strip().splitlines()[0].rpartition("(Caused by ")[2]
        raise BrokenStore(mlflow.get_tracking_uri(), reason) from error


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


@contextmanager
def locked(what: str, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Holds the lock named `what` among this user's processes on this machine.

    The operating system frees it however the process ends. Raises TrainError where another process
    holds it for longer than `seconds`.
    """
    name = f"credit-scoring-{os.getuid()}-{sha256(what.encode()).hexdigest()[:16]}.lock"
    try:
        with FileLock(Path(tempfile.gettempdir()) / name, timeout=seconds):
            yield
    except Timeout as error:
        raise TrainError(f"another process holds the lock of {what} since {seconds:g} s") from error


def registry_lock(name: str) -> AbstractContextManager[None]:
    """Holds the lock of a registered model."""
    return locked(f"{mlflow.get_registry_uri()} {name}")
