"""What the routes ask of a scorer."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

from app.model_folder import ModelFolder


class Score(NamedTuple):
    """What the model says of one client; solvency, threshold and coverage are between 0 and 1.

    `coverage` is None from a model that tells none; each of `warnings` names a column.
    """

    solvency: float
    threshold: float
    decision: str
    coverage: float | None = None
    warnings: Sequence[dict[str, Any]] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the model's output."""
        return cls(
            row["solvency"],
            row["threshold"],
            row["decision"],
            row.get("coverage"),
            row.get("warnings", ()),
        )


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
