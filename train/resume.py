"""`credit-scoring resume`: register a model that was trained when the store was away."""

import sys

from train.command import command
from train.options import Resume
from train.registry.registration import register
from train.registry.store import connect


@command("resume")
def main(options: Resume) -> None:
    connect()
    print(register(options.folder).says)


if __name__ == "__main__":
    sys.exit(main())
