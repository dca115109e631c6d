"""`python -m app` in both forms, and in-process with the shipped champion."""

import sys
from pathlib import Path

from benchmarks.serving.contestants.contestant import HOST, PROJECT, Contestant, Record, data
from scoring_model.artifacts import read_contract
from scoring_model.contract import typical_clients

CHAMPION = PROJECT / "mlruns_reduced"
CLIENTS = 2000


def forwarding(models: Path) -> Contestant:
    return _contestant("ours, forwarding", models / "ours", "forward")


def in_process(models: Path) -> Contestant:
    return _contestant("ours, in-process", models / "ours", "in-process")


def champion(models: Path) -> Contestant:  # noqa: ARG001 # it is shipped
    """With derived columns, which the models that are generated here lack."""
    clients = typical_clients(read_contract(CHAMPION / "contract.json"), range(CLIENTS))
    return _contestant("shipped champion, in-process", CHAMPION, "in-process", clients)


def _contestant(
    name: str, model: Path, scorer: str, clients: list[Record] | None = None
) -> Contestant:
    environ = {"MODEL": str(model), "SCORER": scorer, "HOST": HOST, "REASONS": "asked"}
    return Contestant(
        name,
        lambda _: [sys.executable, "-m", "app"],
        "/predict_proba",
        data,
        lambda port: environ | {"PORT": str(port)},
        clients=clients,
    )
