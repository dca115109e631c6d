"""The command `python -m sample`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sample.errors import SampleError
from sample.generate import generate


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m sample", description=__doc__)
    made.add_argument(
        "--scale", type=float, default=0.01, help="share of the published clients, 0 to 1"
    )
    made.add_argument("--out", type=Path, required=True, help="folder to write the tables to")
    made.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same tables")
    made.add_argument(
        "--workers", type=int, default=2, help="processes; they do not change the rows"
    )
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 if the tables were written, 2 if the user has to mend something."""
    args = parser().parse_args(argv)
    try:
        generate(args.out, args.scale, args.format, args.seed, args.workers)
    except SampleError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
