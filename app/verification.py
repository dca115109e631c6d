"""A model's folder held against its manifest, before any of its code runs."""

import shutil
from pathlib import Path

from app.errors import CannotStart
from app.journal import tell
from scoring_model.integrity import NAME, Manifest


class NoManifest(CannotStart):
    """A model of which nobody has written down what it must be."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} has no {NAME}: python -m train.manifest {folder} writes one,"
            " MANIFEST=optional serves without"
        )


def check(folder: Path, required: bool) -> None:
    """Raises NoManifest if one is `required`, and BrokenModel naming the file at fault."""
    if manifest := _manifest(folder, required):
        manifest.check(folder)


def checked_copy(folder: Path, to: Path, required: bool) -> Path:
    """A copy of what was checked, so that nothing else is ever run in its stead; `folder` itself
    if it has no manifest and need not have one.

    Raises what `check` does, and CannotStart if there is no room for a copy.
    """
    manifest = _manifest(folder, required)
    if manifest is None:
        return folder
    try:
        manifest.copy(folder, to)
    except OSError as error:
        shutil.rmtree(to, ignore_errors=True)
        raise CannotStart(f"the model cannot be copied to {to}: {error.strerror}") from error
    return to


def _manifest(folder: Path, required: bool) -> Manifest | None:
    if (folder / NAME).exists():
        return Manifest.read(folder)
    if required:
        raise NoManifest(folder)
    tell("model not verified", why=f"it has no {NAME}")
    return None
