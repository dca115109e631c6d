"""`credit-scoring resume`: register a model that was trained when the store was away."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from train.command import command
from train.options import DATA
from train.registry.registration import register
from train.registry.store import connect


@dataclass(frozen=True)
class Resume:
    """Register and promote a model that was trained but could not be registered.

    Example: credit-scoring resume kept/5c0e1
    """

    folder: Annotated[Path, DATA]
    """Folder of the model, which the training has named."""


@command("resume")
def main(options: Resume) -> None:
    connect()
    print(register(options.folder).says)


if __name__ == "__main__":
    sys.exit(main())
