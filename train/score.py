"""`python -m train.score --data PATH --out PATH`: decisions for a file or a folder of clients."""

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from tqdm import tqdm

from train.errors import TrainError, failed
from train.options import text
from train.scoring.answers import Wish
from train.scoring.clients import Reading
from train.scoring.run import Request, score

TERMINATED = 128 + signal.SIGTERM


def parser() -> argparse.ArgumentParser:
    """Every parameter with its type, default and a line of help."""
    parser = argparse.ArgumentParser(
        prog="python -m train.score",
        description="Score many clients with a registered model: solvency, threshold, decision.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--data",
        required=True,
        help="folder of Home Credit tables, or one CSV/Parquet file with the model's columns; "
        "on Spark also a URL or catalog:DATABASE",
    )
    add("--out", required=True, help=".parquet, .csv or .csv.gz; on Spark a folder of parts")
    add(
        "--model",
        default="models:/credit-scoring@champion",
        help="models:/NAME@ALIAS, models:/NAME/VERSION, or a model's folder",
    )
    add("--reasons", type=_count, default=0, help="reasons to give for each decision, at most")
    add("--threshold", type=_threshold, help="solvency that gets a Yes, if not the model's own")
    add("--engine", choices=("duckdb", "spark"), default="duckdb", help="what reads and scores")
    add("--table", default="application_test", help="table of clients in a folder")
    add("--memory", type=text, help="memory that reading the tables may use, such as 4GB")
    add("--threads", type=_threads, default=2, help="processors to use")
    return parser


def request(options: argparse.Namespace) -> Request:
    """The parsed options in scoring's own terms."""
    return Request(
        data=options.data,
        out=options.out,
        model=options.model,
        wish=Wish(options.reasons, options.threshold),
        how=Reading(options.engine, options.table, options.memory, options.threads),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the answers; 0, or 2 after one line on stderr about what the user can mend."""
    asked = request(parser().parse_args(argv))
    signal.signal(signal.SIGTERM, _terminate)
    with tqdm(unit=" clients", unit_scale=True, disable=None) as bar:

        def progress(rows: int, total: int | None) -> None:
            bar.total = total
            bar.update(rows)

        try:
            score(asked, _say, progress)
        except TrainError as error:
            bar.close()
            return failed("train.score", error)
    _say(f"wrote {asked.out}")
    return 0


def _say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)


def _terminate(*_: object) -> NoReturn:
    """SIGTERM ends scoring as an exception does, so that nothing half written is left."""
    raise SystemExit(TERMINATED)


def _count(value: str) -> int:
    return _within(float(value), 0, 1_000)


def _threads(value: str) -> int:
    return _within(float(value), 1, 1_024)


def _within(number: float, least: int, most: int) -> int:
    if not least <= number <= most or not number.is_integer():
        raise argparse.ArgumentTypeError(f"must be from {least} to {most}, got {number:g}")
    return int(number)


def _threshold(value: str) -> float | None:
    if not value:
        return None
    threshold = float(value)
    if not 0 <= threshold <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, got {value}")
    return threshold


if __name__ == "__main__":
    sys.exit(main())
