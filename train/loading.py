"""From what the user names to clients to learn from, and clients set aside."""

import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from sample.errors import SampleError
from sample.generate import generate
from train.data.columns import Say, parsed
from train.data.dataset import Dataset, encode
from train.data.generated import is_generated
from train.data.leakage import warn_of_leakage
from train.data.tables import Tables
from train.errors import MissingColumn, TrainError
from train.evaluation.clients import Clients, drawn
from train.evaluation.holdout import divide
from train.evaluation.trained import Data
from train.fitting.fit import check_outcomes, judged_rows
from train.home_credit.build import build, made_of
from train.home_credit.directions import check_changes, check_signs
from train.home_credit.tables import open_tables
from train.options import Request

SAMPLE_SCALE = 0.02


def load(request: Request, say: Say) -> Data:
    """Opens the tables, builds their features once, encodes them. Raises TrainError."""
    if source := request.features or request.data:
        return _load(source, is_generated(Path(source)), request, say)
    say(f"no --data: training on a generated sample of {SAMPLE_SCALE:.0%} of the Home Credit size")
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        try:
            generate(scale=SAMPLE_SCALE, out=sample, seed=request.plan.seed)
        except SampleError as error:
            raise TrainError(str(error)) from error
        data = _load(str(sample), True, request, say)
    command = f"python -m sample --scale {SAMPLE_SCALE:g} --seed {request.plan.seed}"
    return replace(data, source=command)


def _load(source: str, generated: bool, request: Request, say: Say) -> Data:
    tables, table = _features(source, request, say)
    id, target, aside = tables.id, tables.target or "", request.aside
    hidden = {*request.exclude, *made_of(table, request.exclude)}
    table, held = divide(table, target, aside)

    def encoded(hidden: Collection[str], say: Say) -> Dataset:
        ignored = [*hidden, *([aside.time] if aside.time else [])]
        in_time = None if held is not None else aside.time
        found = encode(table, id, target, say, aside.group, ignored, in_time)
        return replace(found, contract=replace(found.contract, generated=generated))

    dataset = encoded(hidden, say)
    check_outcomes(dataset, request.plan)
    warn_of_leakage(dataset, say)
    check_signs(dataset, request.plan.monotone)
    check_changes(dataset.contract, request.changes)
    columns = len(dataset.contract.features)
    derived = len(dataset.columns) - columns
    say(
        f"{len(dataset.ids):,} clients, {columns} columns"
        + f" and {derived} derived from them" * bool(derived)
    )
    learned = Clients.of(table, id, target, aside.group)
    if held is None:
        rows = drawn(judged_rows(dataset, request.plan), request.plan.seed)
        compared = learned.at(rows)
    else:
        say(f"{held.num_rows:,} clients more are set aside to judge the model by")
        rows, compared = None, Clients.of(held, id, target, aside.group)
    measured = request.exclude and request.exclude_price == "measure"
    return Data(
        source=source,
        generated=generated,
        target=target,
        excluded=request.exclude,
        dataset=dataset,
        unrestricted=encoded((), lambda _: None) if measured else None,
        learned=replace(learned, table=None),
        compared_on=compared,
        rows=rows,
    )


def _features(source: str, request: Request, say: Say) -> tuple[Tables, pa.Table]:
    """The tables, and one row a client with every feature, in the order of their ids."""
    tables = open_tables(
        source,
        id=request.id,
        target=request.target,
        positive=request.positive,
        memory=request.memory,
        threads=request.plan.threads,
    )
    if tables.target is None:
        raise TrainError("--target must name the column of the outcome")
    built = tables.application if request.features else build(tables, say)
    roles = {tables.id, tables.target}
    features = [name for name in built.columns if name not in roles]
    for name in request.exclude:
        if name not in features:
            raise MissingColumn("the data", name, features)
    aside = request.aside
    roles |= {aside.group or "", aside.time or ""}
    table = built.to_pyarrow().sort_by(tables.id)
    return tables, parsed(table, request.categories, roles, say)
