"""`python -m train.convert --data CSVDIR --out DIR`: the published CSV files as Parquet, once."""

import argparse
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from train.data import sources
from train.data.engines import connect, write_parquet
from train.data.schema import APPLICATION, HISTORY, kinds
from train.data.sources import Source
from train.errors import MissingPath, MissingTable, TrainError

TABLES = (APPLICATION, "application_test", *HISTORY)


def convert(data: Path, out: Path, memory: str | None = None, threads: int | None = None) -> None:
    """Writes every published table found in `data` as Parquet of the same name into `out`.

    Columns have their published kind: integers and amounts in 64 bits, text as text. A file
    appears only when it is whole. Raises TrainErrors, MissingTable where there is no table.
    """
    if not data.is_dir():
        raise MissingPath(str(data))
    found = [source for name in TABLES if (source := sources.in_folder(data, name)) is not None]
    if not found:
        raise MissingTable(str(data), APPLICATION)
    con = connect("duckdb", memory, threads)
    con.raw_sql("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    for source in found:
        table = sources.read(con, source, kinds(source.table))
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


BAR = "{desc:<24}{bar}{percentage:4.0f} % {elapsed}"


def main(argv: Sequence[str] | None = None) -> int:
    """Converts a folder; 0, or 2 after one line about what the user can mend."""
    parser = argparse.ArgumentParser(prog="python -m train.convert", description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder of the published CSV")
    parser.add_argument("--out", required=True, type=Path, help="folder to write Parquet into")
    parser.add_argument("--memory", help="memory limit, such as 4GB")
    parser.add_argument("--threads", type=int, help="cores to use (default: all)")
    arguments = parser.parse_args(argv)
    try:
        convert(arguments.data, arguments.out, arguments.memory, arguments.threads)
    except TrainError as e:
        print(f"error: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
