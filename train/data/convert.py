"""CSV tables as Parquet, each with its known column types."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from train.data import sources
from train.data.engines import connect, write_parquet
from train.data.sources import Kind, Source
from train.errors import MissingPath, MissingTable

BAR = "{desc:<24}{bar}{percentage:4.0f} % {elapsed}"


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
    con.raw_sql("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    for source in found:
        table = sources.read(con, source, tables[source.table])
        with _bar(con, source):
            write_parquet(con, table, str(out / f"{source.table}.parquet"), source.table)


@contextmanager
def _bar(con: object, source: Source) -> Iterator[None]:
    """A progress bar while the block writes a table, fed by what DuckDB says of its query."""
    done = threading.Event()
    with tqdm(total=100, desc=source.table, unit="%", bar_format=BAR) as bar:

        def follow() -> None:
            while not done.wait(0.2):
                bar.update(max(0, con.con.query_progress() - bar.n))  # type: ignore[attr-defined]

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        try:
            yield
            bar.update(100 - bar.n)
        finally:
            done.set()
            follower.join()
