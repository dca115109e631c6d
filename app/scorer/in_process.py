"""Scores with the model loaded into this process."""

import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from app.errors import CannotStart
from app.model_folder import ModelFolder
from app.scorer.checks import asked_of
from app.scorer.deadline import Deadline
from app.scorer.protocol import Reply, Score
from app.scorer.refusal import refusal

JSON = "application/json"

FEW, FEW_BYTES = 50, 50_000
"""Up to so many clients, or bytes of them, are scored in the thread that asks: that takes a few
milliseconds, and handing over to another thread about a tenth of one."""


class InProcess:
    """Loads the model in `folder` once; gives each answer `timeout_seconds`, and refuses clients
    with less than `min_coverage`.

    Raises BrokenModel, and CannotStart in one sentence if the model cannot be loaded.
    """

    def __init__(self, folder: str, timeout_seconds: float, min_coverage: float = 0.0) -> None:
        self.model = ModelFolder.read(Path(folder))
        self._deadline = Deadline(timeout_seconds)
        params = asked_of(self.model, min_coverage)
        config = {"min_coverage": min_coverage} if min_coverage else None
        with warnings.catch_warnings(record=True):  # advice to the author of a model
            from mlflow import pyfunc
            from mlflow.exceptions import MlflowException
            from mlflow.pyfunc import scoring_server
            from mlflow.version import VERSION

            try:
                self._pyfunc = pyfunc.load_model(folder, model_config=config)
            except Exception as error:  # a damaged model can raise anything
                raise CannotStart(f"the model in {folder} cannot be loaded: {error}") from error
        # Asked directly: on the way through `pyfunc`, which adds nothing where a signature has no
        # input schema and the params are ours, an answer takes almost twice as long.
        self._predict = partial(self._pyfunc.unwrap_python_model().predict, None, params=params)
        self._refused = MlflowException
        self._invocations = scoring_server.invocations
        self._version = VERSION

    def score(self, records: Sequence[dict[str, Any]]) -> list[Score]:
        if len(records) <= FEW:
            return self._score(records)
        return self._deadline.run(lambda: self._score(records))

    def _score(self, records: Sequence[dict[str, Any]]) -> list[Score]:
        try:
            predictions = self._predict(records)
        except self._refused as error:
            raise refusal(error.get_http_status_code(), error.message) from error
        return [Score.of(row) for row in predictions]

    def invoke(self, body: bytes, content_type: str) -> Reply:
        if len(body) <= FEW_BYTES:
            return self._invoke(body, content_type)
        return self._deadline.run(lambda: self._invoke(body, content_type))

    def _invoke(self, body: bytes, content_type: str) -> Reply:
        try:
            answer = self._invocations(body, content_type, _Brief(self._pyfunc), None)
        except self._refused as error:
            cause = error.__context__
            error = cause.error if isinstance(cause, _Refused) else error
            raise refusal(error.get_http_status_code(), error.message) from error
        return Reply(answer.mimetype, answer.response.encode())

    def ping(self) -> Reply:
        return Reply(JSON, b"\n")

    def version(self) -> Reply:
        return Reply(JSON, self._version.encode())


class _Refused(Exception):
    """What the model said against its input."""

    def __init__(self, error: Any) -> None:
        super().__init__()
        self.error = error


class _Brief:
    """A model that raises what MLflow's server does not know, and so takes as it is: from an error
    of its own kind it would first print the whole input, which can take longer than all else."""

    def __init__(self, model: Any) -> None:
        self.metadata = model.metadata
        self._model = model

    def predict(self, data: Any, params: Any = None) -> Any:
        from mlflow.exceptions import MlflowException

        try:
            return self._model.predict(data, params=params)
        except MlflowException as error:
            raise _Refused(error) from error
