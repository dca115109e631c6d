"""Whether MLflow may unpickle, asked without MLflow: a supervisor has not imported it."""

import os

VARIABLE = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"


def pickles_allowed() -> bool:
    """Only a clear yes is one; MLflow itself raises for a word that it does not know."""
    return os.environ.get(VARIABLE, "true").lower() in {"true", "1"}
