"""The MLflow model: from any input that MLflow passes to a pyfunc, to decisions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.pyfunc import PythonModelContext

from scoring_model import artifacts
from scoring_model.checks import Checks
from scoring_model.contract import Matrix, Vector
from scoring_model.counterfactuals import Counterfactual, Counterfactuals
from scoring_model.decision import accepted, decisions, solvency
from scoring_model.encoding import Clients, Encoder
from scoring_model.errors import BrokenModel, InvalidParameter, InvalidRows, ScoringError
from scoring_model.explanations import Explainer, Reason
from scoring_model.params import Params, fraction
from scoring_model.single_row import single_row

Columns = dict[str, list[Any]]
"""The answer by column, one value a client."""

BLOCK = 16_384
"""Rows of a long table scored at a time, so that the process reuses the memory of the matrix: a
million clients of 150 columns would need 1.2 GB, which takes longer than encoding them."""

DEFAULTS = Params()


class _Predictions:
    """`load_context` and `predict`, apart from MLflow's class: in a subclass that defines `predict`
    itself, MLflow advises type hints, from which it would make a schema to check every input."""

    def load_context(self, context: PythonModelContext) -> None:
        """Reads the artifacts. Raises MlflowException in one sentence if one is broken."""
        config = context.model_config or {}
        try:
            loaded = artifacts.load(context.artifacts)
            self._threads = _threads(config)
            self._min_coverage = fraction(config, "min_coverage") or 0.0
        except (BrokenModel, InvalidParameter) as error:
            raise MlflowException(str(error)) from error
        self._id = loaded.contract.id
        self._encoder = Encoder(loaded.contract)
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
        self._counterfactuals = Counterfactuals(
            loaded.contract, lambda encoded: self._solvency(loaded.derivation.apply(encoded))
        )

    def predict(  # type: ignore[no-untyped-def]
        self,
        context,  # noqa: ARG002
        model_input,
        params=None,
    ) -> list[dict[str, Any]] | pd.DataFrame:
        """Scores clients in the order given.

        `model_input` is a DataFrame, a list of records, or a dict of columns; `params` are those of
        `scoring_model.params.Params`. Returns the id, `solvency`, `threshold` and `decision` of
        each client, and on request `reasons` (see `scoring_model.explanations`), `counterfactuals`
        (see `scoring_model.counterfactuals`), `coverage` and `warnings` (see
        `scoring_model.checks`): a DataFrame for a DataFrame, else records.

        For input that cannot be scored, raises MlflowException, whose last line is
        `InvalidRows.to_json()` where single rows are wrong. With `invalid_rows="report"` it returns
        a list of one record instead: `{"invalid_rows": [...]}` with the details of InvalidRows, or
        `{"invalid_input": "one sentence"}`.
        """
        try:
            options = Params.read(params) if params else DEFAULTS
            if isinstance(model_input, pd.DataFrame):
                return _frame(_in_blocks(model_input, partial(self._score, options=options)))
            columns = self._score(model_input, options)
        except ScoringError as error:
            if params and params.get("invalid_rows") == "report":
                return [error.report()]
            text = f"{error}\n{error.to_json()}" if isinstance(error, InvalidRows) else str(error)
            raise MlflowException(text, INVALID_PARAMETER_VALUE) from error
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _score(self, model_input: Any, options: Params) -> Columns:
        clients = self._encoder.encode(model_input)
        checked = self._check(clients, options)
        threshold = self._threshold if options.threshold is None else options.threshold
        derived = self._derivation.apply(clients.matrix)
        solvencies = self._solvency(derived)
        columns: Columns = {
            self._id: clients.ids,
            "solvency": solvencies.tolist(),
            "threshold": [threshold] * len(clients.ids),
            "decision": decisions(solvencies, threshold),
        }
        if options.reasons:
            columns["reasons"] = self._reasons(clients, derived, solvencies, threshold, options)
        if options.counterfactuals:
            columns["counterfactuals"] = self._changes(
                clients.matrix, solvencies, threshold, options
            )
        return columns | checked

    def _changes(
        self, encoded: Matrix, solvencies: Vector, threshold: float, options: Params
    ) -> list[list[Counterfactual]]:
        """The counterfactuals of each client; none for those that are accepted."""
        return [
            [] if lent else self._counterfactuals.of(client, threshold, options.counterfactuals)
            for client, lent in zip(encoded, accepted(solvencies, threshold).tolist(), strict=True)
        ]

    def _reasons(
        self,
        clients: Clients,
        derived: Matrix,
        solvencies: Vector,
        threshold: float,
        options: Params,
    ) -> list[list[Reason]]:
        """The reasons of each client; none for those that are not to be explained."""
        lent = accepted(solvencies, threshold)
        rows = np.flatnonzero(~lent) if options.reasons_for == "refused" else np.arange(len(lent))
        explained = self._explainer.reasons(
            *(clients.matrix[rows], derived[rows], solvencies[rows], lent[rows]),
            options.reasons,
            options.lang,
        )
        reasons: list[list[Reason]] = [[] for _ in lent]
        for row, found in zip(rows.tolist(), explained, strict=True):
            reasons[row] = found
        return reasons

    def _check(self, clients: Clients, options: Params) -> Columns:
        """Coverage and warnings on request. Raises InvalidRows where too little is known."""
        least = max(options.min_coverage, self._min_coverage)
        if not least and not options.checks:
            return {}
        coverage = self._checks.coverage(clients.matrix)
        if least:
            self._checks.require(least, coverage)
        if not options.checks:
            return {}
        warnings = self._checks.warnings(clients, coverage)
        return {"coverage": coverage.tolist(), "warnings": warnings}

    def _solvency(self, derived: Matrix) -> Vector:
        if not len(derived):
            return np.empty(0)
        predict = self._predict_one if len(derived) == 1 else self._predict_many
        return solvency(self._calibration.apply(predict(derived)))

    def _predict_many(self, derived: Matrix) -> Vector:
        probability: Vector = self._booster.predict(derived, num_threads=self._threads)
        return probability


class ScoringModel(_Predictions, mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Solvency, threshold and decision for each client, with reasons and checks on request.

    Artifacts: `model`, `columns`, `best_threshold`, `contract`, `derivation`, `calibration`,
    `reasons` (see `scoring_model.artifacts`).
    Model configuration: `prediction_threads` (int, default 1) for the prediction of one call, and
    `min_coverage` (float from 0 to 1, default 0): clients with less coverage cannot be scored.
    """


def _in_blocks(frame: pd.DataFrame, score: Callable[[pd.DataFrame], Columns]) -> Columns:
    """`score` of all rows, block by block. Raises InvalidRows for the first block that has invalid
    rows, numbered as in `frame`."""
    if len(frame) <= BLOCK:
        return score(frame)
    columns: Columns = {}
    for start in range(0, len(frame), BLOCK):
        try:
            answers = score(frame.iloc[start : start + BLOCK])
        except InvalidRows as error:
            problems = [replace(problem, row=problem.row + start) for problem in error.problems]
            raise InvalidRows(problems) from error
        for name, values in answers.items():
            columns.setdefault(name, []).extend(values)
    return columns


def _frame(columns: Columns) -> pd.DataFrame:
    """A column with a None keeps its values as they are: pandas would turn integers into floats."""
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=object) if None in values else values
            for name, values in columns.items()
        }
    )


def _threads(config: Mapping[str, Any]) -> int:
    threads = config.get("prediction_threads", 1)
    if not isinstance(threads, int) or threads < 1:
        raise InvalidParameter("prediction_threads", "a positive whole number")
    return threads
