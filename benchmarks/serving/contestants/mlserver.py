"""7: MLServer, from an environment of its own."""

import json
from pathlib import Path

import orjson

from benchmarks.serving.contestants.contestant import HOST, PROJECT, Contestant, Record
from benchmarks.serving.models import ID
from benchmarks.serving.process import free_port

PROGRAM = PROJECT / "build/mlserver/bin/mlserver"
RUNTIME = "benchmarks.serving.services.tensors.Tensors"


def contestant(models: Path) -> Contestant:
    return _contestant("MLServer", models)


def constant(models: Path) -> Contestant:
    return _contestant("constant: MLServer", models, CONSTANT="1")


def _contestant(name: str, models: Path, **environ: str) -> Contestant:
    return Contestant(
        name,
        lambda port: [str(PROGRAM), "start", str(_settings(models / f"mlserver-{port}", port))],
        "/v2/models/scoring/infer",
        _body,
        lambda _: {
            "BOOSTER": str(models / "booster.txt"),
            "PATH": f"{PROGRAM.parent}:/usr/bin:/bin",
            **environ,
        },
        PROGRAM,
    )


def _settings(folder: Path, port: int) -> Path:
    """No workers beside the server, no access log, and no third port."""
    folder.mkdir()
    settings = {"host": HOST, "http_port": port, "grpc_port": free_port(), "parallel_workers": 0}
    settings |= {"metrics_endpoint": None, "debug": False}
    (folder / "settings.json").write_text(json.dumps(settings))
    model = {"name": "scoring", "implementation": RUNTIME}
    (folder / "model-settings.json").write_text(json.dumps(model))
    return folder


def _body(clients: list[Record]) -> bytes:
    """A tensor has no gaps: 0 stands for them, which spares this contestant some work."""
    names = [name for name in clients[0] if name != ID]
    rows = [[client[name] or 0.0 for name in names] for client in clients]
    values = [value for row in rows for value in row]
    tensor = {
        "name": "clients",
        "datatype": "FP64",
        "shape": [len(rows), len(names)],
        "data": values,
    }
    return orjson.dumps({"inputs": [tensor]})
