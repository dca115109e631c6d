"""From what the user names to clients to learn from, and clients set aside."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from train.data.exclude import check_excluded, put_back, without
from train.data.tables import open_tables
from train.dataset import Dataset, Say, encode
from train.errors import NoTarget
from train.features import build
from train.fitting.fit import check_outcomes
from train.fitting.monotone import check_signs
from train.judging.holdout import divide
from train.promotion.comparison import Learned, learned
from train.request import Request
from train.row_models.declared import COLUMNS
from train.row_models.history import History, NoRows
from train.row_models.nested import with_rows
from train.sample import generate

SAMPLE_SCALE = 0.02


@dataclass(frozen=True)
class Material:
    """What to learn from, and the clients set aside to judge the model by, if any.

    `learned` are the clients of `dataset` as they came; `target` names the column of the outcome
    there and in the table `aside`. `history` has the rows of them all, where they are at hand.
    """

    dataset: Dataset
    learned: Learned
    aside: pa.Table | None
    target: str
    history: History | None = None


@contextmanager
def source_of(request: Request, say: Say) -> Iterator[str]:
    """The path of the data; a generated sample where none is named."""
    if named := request.features or request.data:
        yield named
        return
    say(f"no --data: training on a generated sample of {SAMPLE_SCALE:.0%} of the Home Credit size")
    with tempfile.TemporaryDirectory() as folder:
        generate(scale=SAMPLE_SCALE, out=Path(folder) / "sample", seed=request.plan.seed)
        yield str(Path(folder) / "sample")


def read(source: str, request: Request, say: Say) -> Material:
    """Opens the tables, builds their features, encodes them. Raises TrainError."""
    tables = open_tables(
        source,
        id=request.id,
        target=request.target,
        positive=request.positive,
        memory=request.memory,
        threads=request.plan.threads,
    )
    if tables.target is None:
        raise NoTarget
    history = None if request.features else History.of(tables, request.exclude)
    if request.row_models and history is None:
        raise NoRows
    kept = without(tables, request.exclude)
    built = kept.application if request.features else build(kept, say)
    table: pa.Table = check_excluded(tables, built, request.exclude).to_pyarrow()
    table = put_back(tables, table, request.exclude)
    aside = request.aside
    table, held = divide(table, tables.id, tables.target, aside)
    ignored = [*request.exclude, *([aside.time] if aside.time else []), *_of_row_models(table, say)]
    dataset = encode(table, tables.id, tables.target, say, aside.group, ignored)
    if request.row_models and history is not None:
        dataset = with_rows(dataset, history, say)
    check_outcomes(dataset, request.plan)
    check_signs(dataset, request.plan.monotone)
    derived = len(dataset.columns) - len(dataset.contract.features)
    say(
        f"{len(dataset.ids):,} clients, {len(dataset.contract.features)} columns"
        + f" and {derived} derived from them" * bool(derived)
    )
    if held is not None:
        say(f"{held.num_rows:,} clients more are set aside to judge the model by")
    seen = learned(table, tables.id, request.plan.seed)
    return Material(dataset, seen, held, tables.target, history)


def _of_row_models(table: pa.Table, say: Say) -> list[str]:
    """Columns that a model has made, which may have seen how these very clients ended."""
    found = [name for name in COLUMNS if name in table.column_names]
    for name in found:
        say(f"column {name} is left out: a model made it, perhaps of these clients' outcomes")
    return found
