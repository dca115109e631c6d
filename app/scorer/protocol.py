"""What the routes ask of a scorer."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from app.model_folder import ModelFolder


class Score(NamedTuple):
    """What the model says of one client; solvency and threshold are between 0 and 1."""

    solvency: float
    threshold: float
    decision: str


class Reply(NamedTuple):
    """An answer of MLflow's protocol, passed on as it is."""

    content_type: str
    body: bytes


class Scorer(Protocol):
    """Every form answers alike, byte for byte, and by the same model as long as it lives.

    All methods raise ScorerUnavailable, ScorerTimeout and ScorerFailed.
    """

    @property
    def model(self) -> ModelFolder:
        """The plain facts of the model that scores."""

    def score(self, records: Sequence[dict[str, Any]]) -> list[Score]:
        """A score a record, in order. Raises InvalidRows naming row and column."""

    def invoke(self, body: bytes, content_type: str) -> Reply:
        """MLflow's /invocations. Raises InvalidRows and UnreadableInput."""

    def ping(self) -> Reply:
        """MLflow's /ping and /health."""

    def version(self) -> Reply:
        """MLflow's /version."""
