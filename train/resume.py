"""`credit-scoring resume`: register a model that was trained when the store was away."""

import sys
from collections.abc import Sequence

from train.command import run
from train.options import Resume
from train.registry.registration import register
from train.registry.store import connect


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("resume", _resume, argv)


def _resume(options: Resume) -> None:
    connect()
    print(register(options.folder).says)


if __name__ == "__main__":
    sys.exit(main())
