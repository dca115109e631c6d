"""`python -m train.features --data DIR --out features.parquet`: the table of features alone."""

import argparse
import sys
import time
from collections.abc import Sequence

from train.data.engines import write_parquet
from train.errors import TrainError
from train.home_credit.build import build, history_columns
from train.home_credit.schema import APPLICATION
from train.home_credit.tables import open_tables


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m train.features", description=__doc__)
    parser.add_argument(
        "--data",
        required=True,
        help="folder of the tables (CSV or Parquet); on Spark also a URL or catalog:DATABASE",
    )
    parser.add_argument(
        "--out", required=True, help="Parquet to write: a file, on Spark a folder of parts"
    )
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--memory", help="memory limit, such as 4GB; beyond it DuckDB spills")
    parser.add_argument("--threads", type=int, help="cores to use (default: all)")
    parser.add_argument(
        "--table", default=APPLICATION, help="table of clients (default: %(default)s)"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the table of features; 0, or 2 after one line about what the user can mend."""
    arguments = parser().parse_args(argv)
    start = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - start:6.1f} s] {line}", file=sys.stderr, flush=True)

    try:
        tables = open_tables(
            arguments.data,
            memory=arguments.memory,
            threads=arguments.threads,
            application=arguments.table,
            engine=arguments.engine,
        )
        table = build(tables, say)
        features = len(history_columns(table.columns))
        say(f"writing {len(table.columns)} columns, {features} of them from history")
        write_parquet(tables.con, table, arguments.out, "the features")
    except TrainError as e:
        print(f"error: {e}", file=sys.stderr)
        return 2
    say(f"wrote {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
