"""`python -m tests.train.oracle --data DIR --out FILE`: the table of features."""

import argparse
from pathlib import Path

from tests.train.oracle.build import features


def main() -> None:
    """Builds and writes the table, one row per client."""
    parser = argparse.ArgumentParser(prog="python -m tests.train.oracle")
    parser.add_argument("--data", type=Path, required=True, help="folder of Parquet tables")
    parser.add_argument("--out", type=Path, required=True, help="Parquet file to write")
    arguments = parser.parse_args()
    features(arguments.data).to_parquet(arguments.out)


if __name__ == "__main__":
    main()
