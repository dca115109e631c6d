"""8: what the servers that we build on take to answer a constant."""

import sys
from pathlib import Path

from benchmarks.serving.contestants.contestant import HOST, Contestant, data, inputs, mlflow_serve

SERVICE = "benchmarks.serving.services.constant:application()"


def flask(models: Path) -> Contestant:  # noqa: ARG001 # it needs none
    """In gunicorn's threaded worker, as Flask is usually served."""
    gunicorn = [sys.executable, "-m", "gunicorn", SERVICE, "--worker-class", "gthread"]
    gunicorn += ["--threads", "8", "--keep-alive", "100", "--no-control-socket", "--preload"]
    return Contestant(
        "constant: Flask", lambda port: [*gunicorn, "--bind", f"{HOST}:{port}"], "/score", data
    )


def mlflow(models: Path) -> Contestant:
    return Contestant("constant: mlflow", mlflow_serve(models / "constant"), "/invocations", inputs)
