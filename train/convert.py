"""`credit-scoring convert`: the published CSV files as Parquet, once."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tqdm import tqdm

from train.command import command
from train.data import sources
from train.data.engines import connect, write_parquet
from train.data.generated import MARK
from train.errors import MissingPath, MissingTable
from train.home_credit.schema import APPLICATION, HISTORY, kinds
from train.options import DATA, MACHINE, Count

TABLES = (APPLICATION, "application_test", *HISTORY)


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """Write the published CSV files as Parquet, once.

    Example: credit-scoring convert --data csv --out data/home_credit
    """

    data: Annotated[Path, DATA]
    """Folder of the published CSV files."""
    out: Annotated[Path, DATA]
    """Folder to write Parquet into."""
    memory: Annotated[str | None, MACHINE] = None
    """Memory to use, such as 4GB."""
    threads: Annotated[Count | None, MACHINE] = None
    """Processors to use (default: all)."""


@command("convert")
def main(options: Conversion) -> None:
    """Each table with its published column types; a file appears only when it is whole."""
    data, out = options.data, options.out
    if not data.is_dir():
        raise MissingPath(str(data))
    found = [
        source for name in TABLES if (source := sources.find(None, str(data), name)) is not None
    ]
    if not found:
        raise MissingTable(str(data), APPLICATION)
    con = connect("duckdb", options.memory, options.threads)
    for source in tqdm(found, unit="table"):
        table = sources.read(con, source, kinds(source.table))
        write_parquet(con, table, str(out / f"{source.table}.parquet"), source.table)
    if (data / MARK).is_file():
        shutil.copy(data / MARK, out)


if __name__ == "__main__":
    sys.exit(main())
