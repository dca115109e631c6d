"""`python -m train.manifest FOLDER`: write a model's manifest anew, after a change by hand."""

import argparse
import sys
from pathlib import Path

from scoring_model.integrity import Manifest


def main(argv: list[str] | None = None) -> int:
    """0; 2 for a folder that holds no model."""
    parser = argparse.ArgumentParser(prog="python -m train.manifest", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("mlruns_reduced"))
    folder = parser.parse_args(argv).folder
    if not (folder / "MLmodel").is_file():
        parser.error(f"{folder} is not the folder of an MLflow model")
    manifest = Manifest.of(folder)
    print(f"{manifest.write(folder)}: {len(manifest.files)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
