"""2: our model in the stock server."""

from pathlib import Path

from benchmarks.serving.contestants.contestant import Contestant, inputs, mlflow_serve


def contestant(models: Path) -> Contestant:
    return Contestant("mlflow, our model", mlflow_serve(models / "ours"), "/invocations", inputs)
