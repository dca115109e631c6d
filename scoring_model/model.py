"""The MLflow model: any input MLflow can hand over, to decisions."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import PythonModelContext

from scoring_model import artifacts
from scoring_model.blocks import in_blocks
from scoring_model.checks import Checks
from scoring_model.contract import Matrix
from scoring_model.decision import Vector, accepted, decisions, solvency
from scoring_model.errors import BrokenModel, InvalidParameter, ScoringError
from scoring_model.params import NOTHING, Params, share
from scoring_model.reasons import Explainer
from scoring_model.refusal import refusal
from scoring_model.single_row import single_row
from scoring_model.table import Clients, read_clients


class ScoringModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Solvency, threshold and decision for each client, and the reasons if asked.

    Artifacts: `model`, `columns`, `best_threshold`, `contract`, `derivation`, `calibration`,
    `reasons` (see `scoring_model.artifacts`).
    Model configuration: `prediction_threads` (int, default 1) for the prediction of one call, and
    `min_coverage` (float from 0 to 1, default 0), below which a client is refused.
    """

    # MLflow would check every input against type hints that are not there, and advise to add them.
    _skip_type_hint_validation = True

    def load_context(self, context: PythonModelContext) -> None:
        """Reads the artifacts. Raises MlflowException in one sentence if one is broken."""
        try:
            loaded = artifacts.load(context.artifacts)
            self._threads = _threads(context.model_config or {})
            self._min_coverage = share(context.model_config or {}, "min_coverage") or 0.0
        except (BrokenModel, InvalidParameter) as error:
            raise MlflowException(str(error)) from error
        self._contract = loaded.contract
        self._derivation = loaded.derivation
        self._threshold = loaded.threshold
        self._calibration = loaded.calibration
        self._booster = loaded.estimator.booster_
        self._predict_one = single_row(self._booster) or self._predict_many
        gains = self._booster.feature_importance("gain").tolist()
        self._checks = Checks(loaded.contract, loaded.derivation, gains)
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
        how many reasons to give at most; `checks` (bool) adds how much was known of each client and
        what of it is unlike training; `min_coverage` (float from 0 to 1) refuses clients of whom
        less is known, where the model's configuration does not ask for more. Returns the id,
        `solvency`, `threshold` and `decision` of each, if asked `reasons` (`scoring_model.reasons`)
        and `coverage` and `warnings` (`scoring_model.checks`): a DataFrame for a DataFrame, else
        records.
        Raises what `scoring_model.refusal` makes of an error: an MlflowException, whose last line
        is `InvalidRows.to_json()` for rows that cannot be scored.
        """
        try:
            asked = Params.read(params) if params else NOTHING
            if isinstance(model_input, pd.DataFrame):
                return pd.DataFrame(in_blocks(model_input, partial(self._answers, asked=asked)))
            columns = self._answers(model_input, asked)
        except ScoringError as error:
            raise refusal(error, model_input) from error
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _answers(self, model_input: Any, asked: Params) -> dict[str, list[Any]]:
        """The columns of the output, one value a client. Raises ScoringError."""
        clients = read_clients(self._contract, model_input)
        checked = self._checked(clients, asked)
        threshold = self._threshold if asked.threshold is None else asked.threshold
        derived = self._derivation.apply(clients.matrix)
        solvencies = self._solvency(derived)
        columns: dict[str, list[Any]] = {
            self._contract.id: clients.ids,
            "solvency": solvencies.tolist(),
            "threshold": [threshold] * len(clients.ids),
            "decision": decisions(solvencies, threshold),
        }
        if asked.reasons:
            lent = accepted(solvencies, threshold)
            columns["reasons"] = self._explainer.reasons(
                clients.matrix, derived, solvencies, lent, asked.reasons
            )
        return columns | checked

    def _checked(self, clients: Clients, asked: Params) -> dict[str, list[Any]]:
        """Coverage and warnings if asked. Raises InvalidRows where too little is known."""
        least = max(asked.min_coverage, self._min_coverage)
        if not least and not asked.checks:
            return {}
        coverage = self._checks.coverage(clients.matrix)
        if least:
            self._checks.require(least, coverage)
        if not asked.checks:
            return {}
        warnings = self._checks.warnings(clients.matrix, clients.lost())
        return {"coverage": coverage.tolist(), "warnings": warnings}

    def _solvency(self, derived: Matrix) -> Vector:
        if not len(derived):
            return np.empty(0)
        predict = self._predict_one if len(derived) == 1 else self._predict_many
        return solvency(self._calibration.apply(predict(derived)))

    def _predict_many(self, derived: Matrix) -> Vector:
        probability: Vector = self._booster.predict(derived, num_threads=self._threads)
        return probability


def _threads(config: Mapping[str, Any]) -> int:
    threads = config.get("prediction_threads", 1)
    if not isinstance(threads, int) or threads < 1:
        raise InvalidParameter("prediction_threads", "a positive whole number")
    return threads
