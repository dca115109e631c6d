"""`credit-scoring features`: the table of features alone."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from train.command import command, say
from train.data.engines import write_parquet
from train.data.generated import is_generated, mark
from train.home_credit.build import build, history_columns
from train.home_credit.schema import APPLICATION
from train.home_credit.tables import open_tables
from train.options import DATA, MACHINE, Count, Tables


@dataclass(frozen=True, kw_only=True)
class Features(Tables):
    """Build the table of features alone.

    Example: credit-scoring features --data data/home_credit --out features.parquet
    """

    out: Annotated[str, DATA]
    """Parquet to write: a file, on Spark a folder of parts."""
    table: Annotated[str, DATA] = APPLICATION
    """Table of clients in the folder."""
    threads: Annotated[Count | None, MACHINE] = None
    """Processors to use (default: all)."""


@command("features")
def main(options: Features) -> None:
    tables = open_tables(
        options.data,
        memory=options.memory,
        threads=options.threads,
        application=options.table,
        engine=options.engine,
    )
    table = build(tables, say)
    features = len(history_columns(table.columns))
    say(f"writing {len(table.columns)} columns, {features} of them from history")
    write_parquet(tables.con, table, options.out, "the features")
    if is_generated(Path(options.data)) and "://" not in options.out:
        mark(Path(options.out))
    say(f"wrote {options.out}")


if __name__ == "__main__":
    sys.exit(main())
