"""The trials of a hyperparameter search, as runs inside the run of the training."""

from collections.abc import Mapping
from typing import Any

import mlflow

from train.tracking.run import ending


def log_trial(number: int, parameters: Mapping[str, Any], loss: float | None) -> None:
    """A nested run; one that was given up early has no loss and says so in a tag."""
    with ending(mlflow.start_run(run_name=f"trial {number}", nested=True)):
        mlflow.log_params(dict(parameters))
        if loss is None:
            mlflow.set_tag("pruned", "true")
        else:
            mlflow.log_metric("log_loss", loss)
