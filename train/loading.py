"""From what the user names to clients to learn from, and clients set aside."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from sample.errors import SampleError
from sample.generate import generate
from train.data.columns import Say
from train.data.dataset import Dataset, encode
from train.data.exclude import check_excluded, put_back, without
from train.data.leakage import warn_of_leakage
from train.data.parsing import parsed
from train.data.tables import Tables
from train.errors import NoTarget, TrainError
from train.evaluation.clients import Clients, drawn
from train.evaluation.holdout import divide
from train.fitting.fit import check_outcomes, judged_rows
from train.fitting.folds import Rows
from train.fitting.monotone import check_signs
from train.home_credit.build import build
from train.home_credit.tables import open_tables
from train.options import Request

SAMPLE_SCALE = 0.02


@dataclass(frozen=True)
class Material:
    """What to learn from, and the clients to judge the model by.

    `learned` are the clients of `dataset`, without their raw columns. `compared_on`, with theirs,
    are those that the new model and the champion are compared on: the clients set aside; without
    any some of `learned`, at the positions `compared_rows`, which is None for clients set aside.
    `target` names the column of the outcome.
    """

    dataset: Dataset
    learned: Clients
    compared_on: Clients
    compared_rows: Rows | None
    target: str


@contextmanager
def source_of(request: Request, say: Say) -> Iterator[str]:
    """The path of the data; a generated sample where none is named."""
    if named := request.features or request.data:
        yield named
        return
    say(f"no --data: training on a generated sample of {SAMPLE_SCALE:.0%} of the Home Credit size")
    with tempfile.TemporaryDirectory() as folder:
        try:
            generate(scale=SAMPLE_SCALE, out=Path(folder) / "sample", seed=request.plan.seed)
        except SampleError as error:
            raise TrainError(str(error)) from error
        yield str(Path(folder) / "sample")


def read(source: str, request: Request, say: Say, asked: Collection[str] = ()) -> Material:
    """Opens the tables, builds their features, encodes them. Raises TrainError.

    Columns in `asked` are there to compare on, even if they are made of what is excluded.
    """
    tables = _opened(source, request)
    if tables.target is None:
        raise NoTarget
    kept = without(tables, request.exclude)
    built = kept.application if request.features else build(kept, say)
    table: pa.Table = check_excluded(tables, built, request.exclude).to_pyarrow()
    table = put_back(tables, tables.application, table, request.exclude)
    if unbuilt := [name for name in asked if name not in table.column_names]:
        whole = tables.application if request.features else build(tables, say_nothing)
        table = put_back(tables, whole, table, unbuilt)
    how = request.aside
    roles = {tables.id, tables.target, how.group or ""}
    table = parsed(table.sort_by(tables.id), request.categories, roles, say)
    table, held = divide(table, tables.target, how)
    ignored = [*request.exclude, *unbuilt, *([how.time] if how.time else [])]
    in_time = None if held is not None else how.time
    dataset = encode(table, tables.id, tables.target, say, how.group, ignored, in_time)
    check_outcomes(dataset, request.plan)
    warn_of_leakage(dataset, say)
    check_signs(dataset, request.plan.monotone)
    derived = len(dataset.columns) - len(dataset.contract.features)
    say(
        f"{len(dataset.ids):,} clients, {len(dataset.contract.features)} columns"
        + f" and {derived} derived from them" * bool(derived)
    )
    if in_time:
        judged = len(judged_rows(dataset, request.plan))
        say(f"folds are in time by {in_time}: the latest {judged:,} clients are judged")
    if held is not None:
        say(f"{held.num_rows:,} clients more are set aside to judge the model by")
    learned = Clients.of(table, tables.id, tables.target, how.group)
    rows = None
    if held is not None:
        compared = Clients.of(held, tables.id, tables.target, how.group)
    else:
        rows = drawn(judged_rows(dataset, request.plan), request.plan.seed)
        compared = learned.at(rows)
    return Material(dataset, replace(learned, table=None), compared, rows, tables.target)


def _opened(source: str, request: Request) -> Tables:
    return open_tables(
        source,
        id=request.id,
        target=request.target,
        positive=request.positive,
        memory=request.memory,
        threads=request.plan.threads,
    )


def say_nothing(_: str) -> None:
    """What there is to say was said when the same was built first."""
