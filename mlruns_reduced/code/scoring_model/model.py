"""The MLflow model: any input MLflow can hand over, to decisions."""

from collections.abc import Mapping
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.pyfunc import PythonModelContext

from scoring_model import artifacts
from scoring_model.contract import Matrix
from scoring_model.decision import Vector, decisions, solvency
from scoring_model.errors import BrokenModel, InvalidParameter, InvalidRows, ScoringError
from scoring_model.table import read_clients


class ScoringModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Solvency, threshold and decision for each client.

    Artifacts: `model`, `columns`, `best_threshold`, `contract`, `derivation` (see
    `scoring_model.artifacts`).
    Model configuration: `threads` (int, default 1) for the prediction of one call.
    """

    # MLflow would check every input against type hints that are not there, and advise to add them.
    _skip_type_hint_validation = True

    def load_context(self, context: PythonModelContext) -> None:
        """Reads the artifacts. Raises MlflowException in one sentence if one is broken."""
        try:
            loaded = artifacts.load(context.artifacts)
            self._threads = _threads(context.model_config or {})
        except (BrokenModel, InvalidParameter) as error:
            raise MlflowException(str(error)) from error
        self._contract = loaded.contract
        self._derivation = loaded.derivation
        self._threshold = loaded.threshold
        self._booster = loaded.estimator.booster_

    def predict(  # type: ignore[no-untyped-def] # MLflow would turn type hints into a schema
        self,
        context,  # noqa: ARG002
        model_input,
        params=None,
    ) -> list[dict[str, Any]] | pd.DataFrame:
        """Scores clients in the order given.

        `model_input` is a DataFrame, a list of records, or a dict of columns. `params`:
        `threshold` (float from 0 to 1) overrides the model's own. Returns the id, `solvency`,
        `threshold` and `decision` of each: a DataFrame for a DataFrame, else records.
        Raises MlflowException; for rows that cannot be scored its last line is
        `InvalidRows.to_json()`.
        """
        try:
            threshold = self._threshold_for(params or {})
            clients = read_clients(self._contract, model_input)
        except InvalidRows as error:
            raise MlflowException(f"{error}\n{error.to_json()}", INVALID_PARAMETER_VALUE) from error
        except ScoringError as error:
            raise MlflowException(str(error), INVALID_PARAMETER_VALUE) from error
        solvencies = self._solvency(clients.matrix)
        columns = {
            self._contract.id: clients.ids,
            "solvency": solvencies.tolist(),
            "threshold": [threshold] * len(clients.ids),
            "decision": decisions(solvencies, threshold),
        }
        if isinstance(model_input, pd.DataFrame):
            return pd.DataFrame(columns)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _solvency(self, matrix: Matrix) -> Vector:
        if not len(matrix):
            return np.empty(0)
        derived = self._derivation.apply(matrix)
        probability: Vector = self._booster.predict(derived, num_threads=self._threads)
        return solvency(probability)

    def _threshold_for(self, params: Mapping[str, Any]) -> float:
        threshold = params.get("threshold")
        if threshold is None:
            return self._threshold
        if not 0 <= threshold <= 1:
            raise InvalidParameter("threshold", "a number from 0 to 1")
        return float(threshold)


def _threads(config: Mapping[str, Any]) -> int:
    threads = config.get("threads", 1)
    if not isinstance(threads, int) or threads < 1:
        raise InvalidParameter("threads", "a positive whole number")
    return threads
