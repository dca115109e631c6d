"""`python -m train.resume FOLDER`: register a model that was trained when the store was away."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from train.errors import TrainError, ended, failed
from train.registry.registration import register
from train.registry.store import connect


def parser() -> argparse.ArgumentParser:
    """Every parameter with a line of help."""
    parser = argparse.ArgumentParser(
        prog="python -m train.resume",
        description="Register a model that was trained and could not be registered, as the training"
        " would have done. Nothing is trained.",
    )
    parser.add_argument("folder", type=Path, help="folder of the model, which the training named")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0; 2 after one line on stderr if there is something for the user to correct."""
    options = parser().parse_args(argv)
    try:
        connect()
        done = register(options.folder)
    except TrainError as error:
        return failed("train.resume", error)
    return ended(done.says, refused=False)


if __name__ == "__main__":
    sys.exit(main())
