"""The champion as a flat folder that serves without a tracking store."""

import shutil
from pathlib import Path

from scoring_model.artifacts import FILES, read_contract
from scoring_model.errors import BrokenModel
from train.errors import TrainError
from train.registry import model_folder
from train.registry.store import locked

EXPORT, EXPORT_GENERATED = Path("mlruns_reduced"), Path("build/model")
"""Where a champion goes that is trained on real clients, and one of generated clients."""


def export(model: Path, out: Path) -> None:
    """Writes the folder of a model to `out`, replacing the model there.

    The new folder is complete before it takes the old one's place, in two renames: what a process
    killed between them has left is put back by `recover`.
    """
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    new, old = _beside(out, "new"), _beside(out, "old")
    with locked(str(out)):
        _recover(out)
        shutil.copytree(model, new, ignore=shutil.ignore_patterns("__pycache__"))
        model_folder.flatten(new)
        if out.exists():
            out.rename(old)
        new.rename(out)
        shutil.rmtree(old, ignore_errors=True)


def recover(out: Path) -> None:
    """Puts right what a process that was killed while it exported has left beside `out`."""
    with locked(str(out.resolve())):
        _recover(out.resolve())


def check_export(out: Path, generated: bool) -> None:
    """Raises TrainError if a model of generated clients would overwrite one of real ones."""
    if generated and out.exists() and not _is_generated(out):
        raise TrainError(
            f"{out} holds a model of real clients, which one of generated clients does not"
            " overwrite: name another folder with --export"
        )


def _is_generated(out: Path) -> bool:
    try:
        return read_contract(out / FILES["contract"]).generated
    except BrokenModel:
        return False


def _recover(out: Path) -> None:
    new, old = _beside(out, "new"), _beside(out, "old")
    if old.exists() and not out.exists():
        old.rename(out)
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)


def _beside(out: Path, name: str) -> Path:
    return out.with_name(f".{out.name}.{name}")
