"""`python -m train.convert --data CSVDIR --out DIR`: the published CSV files as Parquet, once."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from train.data.convert import convert
from train.errors import TrainError
from train.home_credit.schema import APPLICATION, HISTORY, kinds

TABLES = (APPLICATION, "application_test", *HISTORY)


def main(argv: Sequence[str] | None = None) -> int:
    """Converts a folder; 0, or 2 after one line about what the user can mend."""
    parser = argparse.ArgumentParser(prog="python -m train.convert", description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder of the published CSV")
    parser.add_argument("--out", required=True, type=Path, help="folder to write Parquet into")
    parser.add_argument("--memory", help="memory limit, such as 4GB")
    parser.add_argument("--threads", type=int, help="cores to use (default: all)")
    arguments = parser.parse_args(argv)
    try:
        known = {name: kinds(name) for name in TABLES}
        convert(arguments.data, arguments.out, known, arguments.memory, arguments.threads)
    except TrainError as e:
        print(f"error: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
