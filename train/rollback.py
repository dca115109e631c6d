"""`credit-scoring rollback`: give the alias back to the previous champion."""

import sys
from dataclasses import dataclass
from typing import Annotated

from train.command import command
from train.data.provenance import user
from train.options import REGISTRY, Registry
from train.registry.export import EXPORT
from train.registry.registration import roll_back
from train.registry.store import connect


@dataclass(frozen=True, kw_only=True)
class Rollback(Registry):
    """Give the alias champion back to the version that had it before, and export that.

    Example: credit-scoring rollback --why complaints
    """

    why: Annotated[str, REGISTRY] = ""
    """Reason, kept with the version that is withdrawn."""


@command("rollback")
def main(options: Rollback) -> None:
    connect()
    out = options.export or EXPORT
    withdrawn, restored = roll_back(options.name, out, user(), options.why)
    print(
        f"{options.name}: version {restored} is champion again instead of {withdrawn},"
        f" exported to {out}"
    )


if __name__ == "__main__":
    sys.exit(main())
