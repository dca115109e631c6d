"""The MLflow model: any input MLflow can hand over, to decisions."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.pyfunc import PythonModelContext

from scoring_model import artifacts
from scoring_model.blocks import in_blocks
from scoring_model.contract import Matrix
from scoring_model.decision import Vector, accepted, decisions, solvency
from scoring_model.errors import BrokenModel, InvalidParameter, InvalidRows, ScoringError
from scoring_model.reasons import Explainer
from scoring_model.single_row import single_row
from scoring_model.table import read_clients


class ScoringModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Solvency, threshold and decision for each client, and the reasons if asked.

    Artifacts: `model`, `columns`, `best_threshold`, `contract`, `derivation`, `calibration`,
    `reasons` (see `scoring_model.artifacts`).
    Model configuration: `prediction_threads` (int, default 1) for the prediction of one call.
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
        self._calibration = loaded.calibration
        self._booster = loaded.estimator.booster_
        self._predict_one = single_row(self._booster) or self._predict_many
        self._explainer = Explainer(
            self._booster,
            loaded.derivation.columns,
            loaded.contract,
            loaded.factors,
            loaded.calibration,
            self._threads,
        )

    def predict(  # type: ignore[no-untyped-def] # MLflow would turn type hints into a schema
        self,
        context,  # noqa: ARG002
        model_input,
        params=None,
    ) -> list[dict[str, Any]] | pd.DataFrame:
        """Scores clients in the order given.

        `model_input` is a DataFrame, a list of records, or a dict of columns. `params`:
        `threshold` (float from 0 to 1) overrides the model's own; `reasons` (int, default 0) is
        how many reasons to give at most. Returns the id, `solvency`, `threshold` and `decision` of
        each, and `reasons` if asked (`scoring_model.reasons`): a DataFrame for a DataFrame, else
        records.
        Raises MlflowException; for rows that cannot be scored its last line is
        `InvalidRows.to_json()`.
        """
        try:
            threshold, count = self._threshold_for(params or {}), _count_of_reasons(params or {})
            if isinstance(model_input, pd.DataFrame):
                answer = partial(self._answers, threshold=threshold, count=count)
                return pd.DataFrame(in_blocks(model_input, answer))
            columns = self._answers(model_input, threshold, count)
        except InvalidRows as error:
            raise MlflowException(f"{error}\n{error.to_json()}", INVALID_PARAMETER_VALUE) from error
        except ScoringError as error:
            raise MlflowException(str(error), INVALID_PARAMETER_VALUE) from error
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _answers(self, model_input: Any, threshold: float, count: int) -> dict[str, list[Any]]:
        """The columns of the output, one value a client. Raises ScoringError."""
        clients = read_clients(self._contract, model_input)
        derived = self._derivation.apply(clients.matrix)
        solvencies = self._solvency(derived)
        columns: dict[str, list[Any]] = {
            self._contract.id: clients.ids,
            "solvency": solvencies.tolist(),
            "threshold": [threshold] * len(clients.ids),
            "decision": decisions(solvencies, threshold),
        }
        if count:
            lent = accepted(solvencies, threshold)
            columns["reasons"] = self._explainer.reasons(
                clients.matrix, derived, solvencies, lent, count
            )
        return columns

    def _solvency(self, derived: Matrix) -> Vector:
        if not len(derived):
            return np.empty(0)
        predict = self._predict_one if len(derived) == 1 else self._predict_many
        return solvency(self._calibration.apply(predict(derived)))

    def _predict_many(self, derived: Matrix) -> Vector:
        probability: Vector = self._booster.predict(derived, num_threads=self._threads)
        return probability

    def _threshold_for(self, params: Mapping[str, Any]) -> float:
        threshold = params.get("threshold")
        if threshold is None:
            return self._threshold
        if not 0 <= threshold <= 1:
            raise InvalidParameter("threshold", "a number from 0 to 1")
        return float(threshold)


def _count_of_reasons(params: Mapping[str, Any]) -> int:
    count = params.get("reasons")
    if count is None:
        return 0
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 0:
        raise InvalidParameter("reasons", "a whole number, 0 or more")
    return int(count)


def _threads(config: Mapping[str, Any]) -> int:
    threads = config.get("prediction_threads", 1)
    if not isinstance(threads, int) or threads < 1:
        raise InvalidParameter("prediction_threads", "a positive whole number")
    return threads
