"""`credit-scoring manifest`: write a model's manifest again, after a change by hand."""

import sys
from collections.abc import Sequence

from scoring_model import integrity
from train.command import run
from train.errors import TrainError
from train.options import Manifest


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("manifest", _write, argv)


def _write(options: Manifest) -> None:
    if not (options.folder / "MLmodel").is_file():
        raise TrainError(f"{options.folder} is not the folder of an MLflow model")
    manifest = integrity.Manifest.of(options.folder)
    print(f"{manifest.write(options.folder)}: {len(manifest.files)} files")


if __name__ == "__main__":
    sys.exit(main())
