"""3 and 4: `python -m app` in both forms."""

import sys
from pathlib import Path

from benchmarks.serving.contestants.contestant import HOST, Contestant, data


def forwarding(models: Path) -> Contestant:
    return _contestant("ours, forwarding", models, "forward")


def in_process(models: Path) -> Contestant:
    return _contestant("ours, in-process", models, "in-process")


def _contestant(name: str, models: Path, scorer: str) -> Contestant:
    environ = {"MODEL": str(models / "ours"), "SCORER": scorer, "HOST": HOST}
    return Contestant(
        name,
        lambda _: [sys.executable, "-m", "app"],
        "/predict_proba",
        data,
        lambda port: environ | {"PORT": str(port)},
    )
