"""`credit-scoring rollback`: give the alias back to the previous champion."""

import sys
from collections.abc import Sequence

from train.command import run
from train.data.provenance import user
from train.options import Rollback
from train.registry import versions
from train.registry.export import EXPORT
from train.registry.registration import roll_back
from train.registry.store import connect


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("rollback", _roll_back, argv)


def _roll_back(options: Rollback) -> None:
    connect()
    out = options.export or EXPORT
    done = roll_back(options.name, out, user(), options.why)
    print(
        f"{done.name}: version {done.restored} is {versions.CHAMPION} again instead of"
        f" {done.withdrawn}, exported to {out}"
    )


if __name__ == "__main__":
    sys.exit(main())
