"""The files that a run holds of a training."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from train.data.provenance import Provenance
from train.evaluation.clients import HOLDOUT, OUT_OF_FOLD, Scored
from train.evaluation.trained import Trained
from train.gate import Verdict
from train.report import summary
from train.report.card import model_card
from train.report.plots import plots

Files = Mapping[str, str | Figure | Scored]
"""Content by path."""


def of_training(
    trained: Trained, verdict: Verdict, provenance: Provenance, name: str, digest: str
) -> Files:
    """Everything that is kept of a training besides the model, which is registered as `name`."""
    figures = plots(trained.evaluation, trained.gains, trained.fairness)
    calibrations = pd.DataFrame(trained.evaluation.calibrated.table)
    return {
        **of_verdict(verdict, provenance),
        **model_card(trained, verdict, provenance, name, digest, figures),
        "contract.json": trained.model.contract.to_json(),
        "tables/metrics.csv": summary.metrics_csv(trained),
        "tables/calibration.csv": calibrations.to_csv(index=False),
        "tables/fairness.csv": trained.fairness.to_csv(),
        **{f"plots/{name}.png": figure for name, figure in figures.items()},
        OUT_OF_FOLD: trained.out_of_fold,
        **({HOLDOUT: trained.holdout} if trained.holdout else {}),
    }


def of_verdict(verdict: Verdict, provenance: Provenance) -> Files:
    """The verdict of the gate, and what it came from."""
    machine = {
        "git_commit": provenance.commit,
        "command": provenance.command,
        "python": provenance.python,
        "platform": provenance.platform,
        "user": provenance.user,
    }
    facts = verdict.to_dict() | {"provenance": machine}
    return {
        "verdict.json": json.dumps(facts, indent=1, ensure_ascii=False) + "\n",
        "environment.txt": provenance.environment,
    }


def write(files: Files, folder: Path) -> None:
    """Writes each file below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, Figure):
            content.savefig(path)
        else:
            content.write(path)
