"""`python -m train.home_credit.report`: our aggregates against the published figures.

published.json names, for each of our features that a public baseline script computes too, the
script's name for it, whose published figures sample holds. `differs` says where our cleaning
makes the two differ a little.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import ibis

from sample.published import FIGURES, NEAR, Figures
from sample.published import published as published_aggregates
from train.data.engines import connect, reading
from train.errors import MissingPath, TrainError
from train.home_credit.build import build
from train.home_credit.tables import open_tables

QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}


@dataclass(frozen=True)
class Difference:
    """How far one feature is from its published figures.

    `known` is the share of clients with a value, ours and published. `shift` is the largest
    distance of mean and quartiles, in published standard deviations, and `spread` our standard
    deviation over the published one.
    """

    name: str
    known: tuple[float, float]
    mean: tuple[float, float]
    median: tuple[float, float]
    shift: float
    spread: float

    @property
    def badness(self) -> float:
        """Large where anything is far off: what the report sorts by."""
        apart = abs(self.known[0] - self.known[1])
        return max(self.shift, apart, abs(1 - min(self.spread, 1 / max(self.spread, 1e-9))))


@cache
def published() -> tuple[int, dict[str, Figures]]:
    """The number of clients published, and {our feature: its published figures}."""
    theirs = json.loads(files(__package__).joinpath("published.json").read_text(encoding="utf-8"))
    all_ = published_aggregates()
    return all_.clients, {n: all_.aggregates[entry["published"]] for n, entry in theirs.items()}


def compare(table: ibis.Table) -> list[Difference]:
    """The features of `table` that have published figures, the furthest from them first."""
    clients, figures = published()
    names = [name for name in table.columns if name in figures]
    rows, found = _described(table, names)
    made = [_difference(name, found[name], rows, figures[name], clients) for name in names]
    return sorted(made, key=lambda difference: -difference.badness)


def _described(table: ibis.Table, names: Sequence[str]) -> tuple[int, Mapping[str, Figures]]:
    """The clients, and the figures of ours.

    Counts of 0 are left out: the script has no row for such clients.
    """
    asked: dict[str, Any] = {"clients": table.count()}
    for name in names:
        value = table[name].nullif(0) if name.endswith("_COUNT") else table[name]
        value = value.cast("float64")
        asked |= {f"{name}:count": value.count(), f"{name}:mean": value.mean()}
        asked |= {f"{name}:std": value.std(how="sample")}
        asked |= {f"{name}:min": value.min(), f"{name}:max": value.max()}
        asked |= {f"{name}:{key}": value.quantile(q) for key, q in QUARTILES.items()}
    with reading("the features"):
        row: dict[str, float | None] = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    told = {key: float("nan") if value is None else value for key, value in row.items()}
    return int(told["clients"]), {
        name: Figures(**{figure: told[f"{name}:{figure}"] for figure in FIGURES}) for name in names
    }


def _difference(name: str, here: Figures, rows: int, there: Figures, clients: int) -> Difference:
    return Difference(
        name=name,
        known=(here.count / max(rows, 1), there.count / clients),
        mean=(here.mean, there.mean),
        median=(here.median, there.median),
        shift=there.shift(here),
        spread=here.std / there.unit if not math.isnan(there.std) else 1.0,
    )


def lines(differences: Sequence[Difference], worst: int) -> list[str]:
    """The report as text: a line of summary, then a table of the `worst`."""
    near = sum(difference.shift <= NEAR for difference in differences)
    told = [
        f"{len(differences)} features have published figures; mean and quartiles of {near} lie "
        "within a quarter of a published standard deviation",
        f"{'feature':<40}{'known':>7}{'real':>7}{'mean':>13}{'real':>13}{'median':>13}{'real':>13}"
        f"{'shift':>7}{'spread':>8}",
    ]
    for d in differences[:worst]:
        told.append(
            f"{d.name:<40}{d.known[0]:>7.1%}{d.known[1]:>7.1%}{d.mean[0]:>13.5g}{d.mean[1]:>13.5g}"
            f"{d.median[0]:>13.5g}{d.median[1]:>13.5g}{d.shift:>7.2f}{d.spread:>8.2f}"
        )
    return told


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the comparison; 0, or 2 after one line about what the user can mend."""
    parser = argparse.ArgumentParser(prog="python -m train.home_credit.report", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", help="folder of the tables, to build the features first")
    source.add_argument("--features", type=Path, help="Parquet written by train.features")
    parser.add_argument("--worst", type=int, default=30, help="lines to print")
    parser.add_argument("--memory", help="memory limit, such as 4GB")
    arguments = parser.parse_args(argv)
    try:
        if arguments.data is not None:
            tables = open_tables(arguments.data, memory=arguments.memory)
            table = build(tables, lambda line: print(line, file=sys.stderr))
        elif arguments.features.exists():
            parts = arguments.features
            path = f"{parts}/*.parquet" if parts.is_dir() else str(parts)
            with reading(str(parts)):
                table = connect("duckdb", arguments.memory).read_parquet(path)
        else:
            raise MissingPath(str(arguments.features))
        print("\n".join(lines(compare(table), arguments.worst)))
    except TrainError as e:
        print(f"error: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
