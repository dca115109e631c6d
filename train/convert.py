"""`credit-scoring convert`: the published CSV files as Parquet, once."""

import sys
from collections.abc import Sequence

from train.command import run
from train.data.convert import convert
from train.home_credit.schema import APPLICATION, HISTORY, kinds
from train.options import Conversion

TABLES = (APPLICATION, "application_test", *HISTORY)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("convert", _convert, argv)


def _convert(options: Conversion) -> None:
    known = {name: kinds(name) for name in TABLES}
    convert(options.data, options.out, known, options.memory, options.threads)


if __name__ == "__main__":
    sys.exit(main())
