"""`credit-scoring features`: the table of features alone."""

import sys
from pathlib import Path

from train.command import command, say
from train.data.engines import write_parquet
from train.data.generated import is_generated, mark
from train.home_credit.build import build, history_columns
from train.home_credit.tables import open_tables
from train.options import Features


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
