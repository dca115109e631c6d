"""What the routes ask of a scorer, and the form that loads the model into this process."""

import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from app.errors import CannotStart, InvalidParams, ScorerFailed, UnreadableInput
from app.model_folder import ModelFolder
from app.requests import Table
from app.settings import ASKED
from scoring_model.errors import InvalidRows, Problem

Rows = list[dict[str, Any]]
"""The model's output, a record for each client in the order given: id, solvency, threshold,
decision, and what else was asked for: coverage, warnings, reasons, counterfactuals."""

REASONS = 3
"""Reasons for each client where the caller did not ask for a number of them."""

REPORT = "report"
"""The value of the model's param `invalid_rows` that returns problems instead of raising."""


class Scorer(Protocol):
    """Both forms give the same scores, and one scorer always the scores of the same model.

    The methods raise ScorerUnavailable, ScorerTimeout and ScorerFailed.
    """

    @property
    def model(self) -> ModelFolder:
        """The model that scores."""

    def score(self, table: Table, params: Mapping[str, Any]) -> Rows:
        """Raises InvalidRows naming row and column, and UnreadableInput."""

    def ping(self) -> None:
        """Returns if the scorer answers."""

    def mlflow_version(self) -> str:
        """The version of MLflow that runs the model."""


def scoring_params(
    model: ModelFolder,
    asked: Mapping[str, Any],
    min_coverage: float,
    *,
    checks: bool,
    reasons: str = ASKED,
    more: Mapping[str, Any] = {},
) -> dict[str, Any]:
    """What to ask of the model: what the caller asked for, and what the service wants: `more`, and
    what it always wants.

    A model of an earlier release declares fewer params; of what the service wants, the others are
    left out. Raises InvalidParams where the caller asks for one of them.
    """
    if unknown := sorted(asked.keys() - model.params):
        raise InvalidParams(reason=f"this model has no parameter {', '.join(unknown)}")
    params = {**more, **asked, "invalid_rows": REPORT}
    if checks:
        params["checks"] = True
    if reasons != ASKED and "reasons" not in params:
        params |= {"reasons": REASONS, "reasons_for": reasons}
    if min_coverage:
        params["min_coverage"] = max(min_coverage, asked.get("min_coverage", 0.0))
    return {name: value for name, value in params.items() if name in model.params}


def rows_of(predictions: Rows) -> Rows:
    """The model's output, unless it reports invalid input. Raises InvalidRows, UnreadableInput."""
    first: Mapping[str, Any] = predictions[0] if predictions else {}
    if "invalid_rows" in first:
        raise InvalidRows(
            Problem(d["row"], d.get("column"), d["expected"]) for d in first["invalid_rows"]
        )
    if "invalid_input" in first:
        raise UnreadableInput
    if predictions and "solvency" not in first:
        raise ScorerFailed
    return predictions


def check_min_coverage(model: ModelFolder, min_coverage: float) -> None:
    """Raises CannotStart if a least coverage is set and the model does not measure coverage."""
    if min_coverage and "min_coverage" not in model.params:
        raise CannotStart(
            reason="MIN_COVERAGE is set, but this model measures no coverage: retrain it"
        )


class InProcess:
    """Loads the model in `folder` once.

    Raises BrokenModel, and CannotStart in one sentence if the model cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        self.model = ModelFolder.read(folder)
        with warnings.catch_warnings(record=True):  # addressed to the author of a model
            import mlflow
            from mlflow import pyfunc
            from mlflow.exceptions import MlflowException

            try:
                loaded = pyfunc.load_model(str(folder))
            except Exception as error:  # a damaged model can raise anything
                raise CannotStart(
                    reason=f"the model in {folder} cannot be loaded: {error}"
                ) from error
        # The model itself: its pyfunc wrapper adds nothing where a signature has no input schema,
        # and takes as long as scoring one client.
        self._predict = partial(loaded.unwrap_python_model().predict, None)
        self._refused = MlflowException
        self._version: str = mlflow.__version__

    def score(self, table: Table, params: Mapping[str, Any]) -> Rows:
        try:
            return rows_of(self._predict(table, params=params))
        except self._refused as error:  # from a model that cannot report invalid rows
            raise UnreadableInput from error

    def ping(self) -> None:
        pass

    def mlflow_version(self) -> str:
        return self._version
