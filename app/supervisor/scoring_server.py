"""How `mlflow models serve` is started."""

import json
import sys

from app.settings import Settings
from app.supervisor.group import Group, environ_for_children
from app.supervisor.ports import LOOPBACK

KEEP_ALIVE_SECONDS = "3600"
"""The shim keeps its connections; uvicorn's own 5 seconds would close them under its hands."""


def start_scoring_server(folder: str, port: int, settings: Settings) -> Group:
    """Starts it on loopback, for the model in `folder`."""
    command = [sys.executable, "-m", f"{__package__}.mlflow_models_serve", "--model-uri", folder]
    command += ["--env-manager", "local", "--host", LOOPBACK, "--port", str(port)]
    command += ["--timeout", str(round(settings.timeout_seconds) + 1)]
    environ = environ_for_children() | {
        "UVICORN_ACCESS_LOG": "false",
        "UVICORN_LOG_LEVEL": "warning",
        "UVICORN_TIMEOUT_KEEP_ALIVE": KEEP_ALIVE_SECONDS,
    }
    if settings.min_coverage:  # what MLflow's server gives the model as its configuration
        environ["SERVING_MODEL_CONFIG"] = json.dumps({"min_coverage": settings.min_coverage})
    return Group(command, environ, shielded=True)
