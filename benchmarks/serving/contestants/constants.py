"""8: what the servers that we build on take to answer a constant."""

import sys
from pathlib import Path

from benchmarks.serving.contestants.contestant import HOST, Contestant, data, inputs, mlflow_serve

SERVICE = "benchmarks.serving.services.constant:application"


def flask(models: Path) -> Contestant:  # noqa: ARG001 # it needs none
    """In Granian's WSGI form, the server that the service runs on."""
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-log"]
    granian += ["--host", HOST, "--blocking-threads", "8", SERVICE]
    return Contestant(
        "constant: Flask", lambda port: [*granian, "--port", str(port)], "/score", data
    )


def mlflow(models: Path) -> Contestant:
    return Contestant("constant: mlflow", mlflow_serve(models / "constant"), "/invocations", inputs)
