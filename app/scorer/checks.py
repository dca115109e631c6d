"""What the shim asks of a model beside the score: coverage and warnings, and a least coverage."""

from typing import Any

from app.errors import CannotStart
from app.model_folder import ModelFolder


def asked_of(model: ModelFolder, min_coverage: float) -> dict[str, Any]:
    """The model's params; none for a model from before there were such checks.

    Raises CannotStart if a least coverage is set and the model cannot tell any.
    """
    if model.checks:
        return {"checks": True, **({"min_coverage": min_coverage} if min_coverage else {})}
    if min_coverage:
        raise CannotStart("MIN_COVERAGE is set, but the model tells no coverage: train it anew")
    return {}
