"""What the model raises over an input that it does not take: an error that MLflow can bear.

Over an error of its own kind, MLflow's scoring server prints the whole input before it answers. A
table is printed in part, but a list of records value by value, each of which it has made an array
of: 25 microseconds a value, so that one bad value among a million would take half a minute. Any
other error it answers with the traceback alone.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

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
    """How many would be printed; no longer counted once they are too many."""
    rows = [model_input] if isinstance(model_input, Mapping) else model_input
    count = 0
    for row in rows if isinstance(rows, Sequence) else ():
        values = row.values() if isinstance(row, Mapping) else [row]
        count += sum(getattr(value, "size", 1) for value in values)
        if count > MOST_PRINTED:
            break
    return count
