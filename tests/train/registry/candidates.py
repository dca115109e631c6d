"""Small registered models, saved and registered the way training does it."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from scoring_model.artifacts import Artifacts
from train.evaluation.clients import OUT_OF_FOLD, Clients, Scored
from train.registry import model_folder, runs, saved, versions
from train.registry.registration import register
from train.registry.saved import ARTIFACTS, MODEL, SavedRun
from train.report import artifacts
from train.report.summary import GENERATED

NAME = "credit-scoring"
EXAMPLE = {"SK_ID_CURR": 1, "CODE_GENDER": "F", "AMT_CREDIT": 450_000.0, "EXT_SOURCE_2": 0.5}
CARD = "# Card\n\n## One\n\nword\n"


def scores() -> Scored:
    random = np.random.default_rng(0)
    probability = random.beta(1, 6, 500)
    outcome = (random.random(500) < probability).astype(np.int8)
    return Scored(Clients(np.arange(500), outcome), probability)


def save_small(model: Artifacts, out: Path, run_id: str, **changes) -> Path:
    """The folder of a trained model that passed the gate, against today's champion."""
    with saved.new_folder(run_id) as folder:
        generated = changes.get("generated", False)
        contract = replace(model.contract, generated=generated)
        model_folder.save(replace(model, contract=contract), int, folder / MODEL)
        digest = model_folder.digest(folder / MODEL)
        cards = {"model_card.md": CARD, "model_card.html": CARD}
        artifacts.write({OUT_OF_FOLD: scores(), **cards}, folder / ARTIFACTS)
        tags = {"model_digest": digest, **(GENERATED if generated else {})}
        said = {
            "run_id": run_id,
            "experiment": NAME,
            "run_name": "small, 500 clients",
            "description": "AUC .8",
            "name": NAME,
            "champion": versions.number_of(versions.champion(NAME)),
            "promote": "gate",
            "passed": True,
            "why": "all 1 checks passed",
            "export": str(out),
            "metrics": {"auc": 0.8},
            "tags": tags,
            "version_tags": tags,
        }
        changes.pop("generated", None)
        SavedRun(**said | changes).write(folder)
    return folder


def publish_small(model: Artifacts, out: Path, **changes):
    """A run with a small model, registered."""
    with runs.training_run(NAME, "small", {}) as run_id:
        return register(save_small(model, out, run_id, **changes))


def kill_before(event: str, path: str) -> None:
    """Kills this process with SIGKILL before the first audit event of that name whose arguments
    mention `path`."""

    def hook(name: str, arguments: tuple) -> None:
        if name == event and any(path in str(argument) for argument in arguments):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    kill_before(*sys.argv[1:3])
    sys.exit(register(Path(sys.argv[3])) and 0)
