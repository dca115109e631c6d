"""The model: turns clients into solvency and decisions, wherever MLflow runs it."""

from typing import Any

__all__ = ["ScoringModel"]


def __getattr__(name: str) -> Any:
    """`ScoringModel` on first use: reading errors, params or a manifest needs no MLflow."""
    if name == "ScoringModel":
        from scoring_model.model import ScoringModel

        return ScoringModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
