"""What takes part: how it is started and how it is asked."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

PROJECT = Path(__file__).resolve().parents[3]
HOST = "127.0.0.1"
Record = dict[str, Any]


@dataclass(frozen=True)
class Contestant:
    """`command` makes the command line for a port; `body` a request of clients, which are
    `clients` where the model is another than everyone's."""

    name: str
    command: Callable[[int], Sequence[str]]
    path: str
    body: Callable[[list[Record]], bytes]
    environ: Callable[[int], Mapping[str, str]] = field(default=lambda _: {})
    needs: Path | None = None
    clients: list[Record] | None = None

    @property
    def missing(self) -> Path | None:
        """The program that is not installed, if any."""
        return self.needs if self.needs and not self.needs.exists() else None


def inputs(clients: list[Record]) -> bytes:
    """MLflow's quickest format."""
    return orjson.dumps({"inputs": clients})


def data(clients: list[Record]) -> bytes:
    """The format of our own routes."""
    return orjson.dumps({"data": clients})


def mlflow_serve(model: Path) -> Callable[[int], Sequence[str]]:
    """`mlflow models serve` as it comes."""
    return lambda port: [
        *(sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", str(model)),
        *("--env-manager", "local", "--host", HOST, "--port", str(port)),
    ]


def environment(contestant: Contestant, port: int) -> dict[str, str]:
    """This environment with its Python's programs first, one thread a request, no telemetry."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    common = {"PATH": path, "PYTHONPATH": str(PROJECT), "MLFLOW_DISABLE_TELEMETRY": "true"}
    common |= {"DO_NOT_TRACK": "true", "BENTOML_DO_NOT_TRACK": "true", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **common, **contestant.environ(port)}
