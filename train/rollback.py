"""`credit-scoring rollback`: give the alias back to the previous champion."""

import sys
from collections.abc import Sequence

from train.command import run
from train.data.provenance import user
from train.options import Rollback
from train.registry import runs, versions
from train.registry.promotion import roll_back


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("rollback", _roll_back, argv)


def _roll_back(options: Rollback) -> None:
    runs.connect()
    done = roll_back(options.name, options.export, user(), options.why)
    print(
        f"{done.name}: version {done.restored} is {versions.CHAMPION} again instead of"
        f" {done.withdrawn}, exported to {options.export}"
    )


if __name__ == "__main__":
    sys.exit(main())
