"""`python -m train.rollback`: give the alias back to the previous champion."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from train.data.provenance import user
from train.errors import TrainError, failed
from train.registry import versions
from train.registry.registration import roll_back
from train.registry.store import connect


def parser() -> argparse.ArgumentParser:
    """Every parameter with its type, default and a line of help."""
    parser = argparse.ArgumentParser(
        prog="python -m train.rollback",
        description="Give the alias champion back to the version that had it before, and export it."
        " Once more goes back further.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--name", default="credit-scoring", help="registered model")
    add("--why", default="", help="reason, kept with the version that is withdrawn")
    add("--export", type=Path, default=Path("mlruns_reduced"), help="folder for the champion")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0, or 2 after one line on stderr if there is nothing to go back to."""
    options = parser().parse_args(argv)
    try:
        connect()
        done = roll_back(options.name, options.export, user(), options.why)
    except TrainError as error:
        return failed("train.rollback", error)
    print(
        f"{done.name}: version {done.restored} is {versions.CHAMPION} again instead of"
        f" {done.withdrawn}, exported to {options.export}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
