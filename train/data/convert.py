"""CSV tables as Parquet, each with its known column types."""

from collections.abc import Mapping
from pathlib import Path

from tqdm import tqdm

from train.data import sources
from train.data.engines import connect, write_parquet
from train.data.sources import Kind
from train.errors import MissingPath, MissingTable


def convert(
    data: Path,
    out: Path,
    tables: Mapping[str, Mapping[str, Kind]],
    memory: str | None = None,
    threads: int | None = None,
) -> None:
    """Writes those of `tables` that are found in `data` as Parquet of the same name into `out`.

    `tables` is {name: {column: kind}}: integers and amounts get 64 bits, text stays text. A file
    appears only when it is whole. Raises TrainErrors, MissingTable where there is no table.
    """
    if not data.is_dir():
        raise MissingPath(str(data))
    found = [source for name in tables if (source := sources.in_folder(data, name)) is not None]
    if not found:
        raise MissingTable(str(data), next(iter(tables)))
    con = connect("duckdb", memory, threads)
    for source in tqdm(found, unit="table"):
        table = sources.read(con, source, tables[source.table])
        write_parquet(con, table, str(out / f"{source.table}.parquet"), source.table)
