"""5: FastAPI around the same Booster, and what it takes to answer a constant with it."""

import sys
from pathlib import Path

from benchmarks.serving.contestants.contestant import HOST, Contestant, data

SERVICE = "benchmarks.serving.services.by_hand:application"


def contestant(models: Path) -> Contestant:
    return _contestant("FastAPI by hand", models)


def constant(models: Path) -> Contestant:
    return _contestant("constant: FastAPI", models, CONSTANT="1")


def _contestant(name: str, models: Path, **environ: str) -> Contestant:
    uvicorn = [sys.executable, "-m", "uvicorn", "--factory", SERVICE, "--host", HOST]
    return Contestant(
        name,
        lambda port: [*uvicorn, "--log-level", "warning", "--no-access-log", "--port", str(port)],
        "/score",
        data,
        lambda _: {"BOOSTER": str(models / "booster.txt"), **environ},
    )
