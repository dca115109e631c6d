"""What the model raises over an input that it does not take: an error that MLflow can bear.

Over an error of its own kind, MLflow's scoring server prints the whole input before it answers. A
table is printed in part, but a list of records value by value, each of which it has made an array
of: 25 microseconds a value, so that one bad value among a million would take half a minute. Any
other error it answers with the traceback alone.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

from scoring_model.errors import InvalidRows, ScoringError

SERVING = "_MLFLOW_IS_IN_SERVING_ENVIRONMENT"
"""The variable of the environment in which MLflow's scoring server notes that it is one."""

MOST_PRINTED = 10_000
"""Values that may be printed: a quarter of a second."""


class RefusedInput(ScoringError):
    """Stands for an `MlflowException` of the same text."""


def refusal(error: ScoringError, model_input: Any) -> MlflowException | RefusedInput:
    """What to raise in the stead of `error`; for rows that cannot be scored its last line is
    `InvalidRows.to_json()`."""
    text = f"{error}\n{error.to_json()}" if isinstance(error, InvalidRows) else str(error)
    if SERVING in os.environ and _values(model_input) > MOST_PRINTED:
        return RefusedInput(text)
    return MlflowException(text, INVALID_PARAMETER_VALUE)


def _values(model_input: Any) -> int:
    """How many would be printed."""
    if isinstance(model_input, Mapping):
        return sum(map(np.size, model_input.values()))
    if isinstance(model_input, Sequence):
        return sum(len(row) if isinstance(row, Mapping) else 1 for row in model_input)
    return 0
