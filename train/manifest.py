"""`credit-scoring manifest`: write a model's manifest again, after a change by hand."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from scoring_model import integrity
from train.command import command
from train.errors import TrainError
from train.options import DATA


@dataclass(frozen=True)
class Manifest:
    """Write a model's manifest again, after a change by hand.

    Example: credit-scoring manifest mlruns_reduced
    """

    folder: Annotated[Path, DATA] = Path("mlruns_reduced")
    """Folder of an MLflow model."""


@command("manifest")
def main(options: Manifest) -> None:
    if not (options.folder / "MLmodel").is_file():
        raise TrainError(f"{options.folder} is not the folder of an MLflow model")
    manifest = integrity.Manifest.of(options.folder)
    print(f"{manifest.write(options.folder)}: {len(manifest.files)} files")


if __name__ == "__main__":
    sys.exit(main())
