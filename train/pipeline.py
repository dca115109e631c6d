"""The whole way from tables to a promoted model."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from scoring_model.artifacts import Artifacts
from train import tracking
from train.dataset import Dataset, Say, encode
from train.errors import NoTarget
from train.evaluation import Evaluation, evaluate
from train.export import export
from train.features import build
from train.fit import Fitted, Plan, Progress, check_outcomes, fit
from train.report import plots
from train.sample import generate
from train.tables import open_tables

SAMPLE_SCALE = 0.02


@dataclass(frozen=True)
class Request:
    """What to train on, how, and where the model goes."""

    data: str | None
    id: str | None
    target: str | None
    positive: str | None
    cost_ratio: float
    plan: Plan
    experiment: str
    name: str
    export: Path
    memory: str | None


@dataclass(frozen=True)
class Outcome:
    """What training led to."""

    version: str
    metrics: Mapping[str, float]


def train(request: Request, parameters: Mapping[str, Any], say: Say, progress: Progress) -> Outcome:
    """Trains, logs, registers, exports and promotes a model.

    `parameters` are logged as given. Raises TrainError, before a run is started wherever the
    data alone can tell.
    """
    tracking.connect()
    with _source(request, say) as source:
        dataset = _read(source, request, say)
        with tracking.training_run(request.experiment, parameters):
            tracking.log_dataset(dataset, source)
            fitted = fit(dataset, request.plan, progress)
            evaluation = evaluate(dataset.defaulted, fitted.out_of_fold, request.cost_ratio)
            tracking.log_results(evaluation.metrics, plots(evaluation, _gains(dataset, fitted)))
            model = Artifacts(
                fitted.estimator, dataset.contract, dataset.derivation, evaluation.threshold
            )
            uri = tracking.log_model(model, dataset.example)
            return _publish(uri, request, evaluation, say)


@contextmanager
def _source(request: Request, say: Say) -> Iterator[str]:
    """The path of the data; a generated sample where none is named."""
    if request.data:
        yield request.data
        return
    say(f"no --data: training on a generated sample of {SAMPLE_SCALE:.0%} of the Home Credit size")
    with tempfile.TemporaryDirectory() as folder:
        generate(scale=SAMPLE_SCALE, out=Path(folder) / "sample", seed=request.plan.seed)
        yield str(Path(folder) / "sample")


def _read(source: str, request: Request, say: Say) -> Dataset:
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
    table: pa.Table = build(tables, say).to_pyarrow()
    dataset = encode(table, tables.id, tables.target, say)
    check_outcomes(dataset, request.plan)
    derived = len(dataset.columns) - len(dataset.contract.features)
    say(
        f"{len(dataset.ids):,} clients, {len(dataset.contract.features)} columns"
        + f" and {derived} derived from them" * bool(derived)
    )
    return dataset


def _gains(dataset: Dataset, fitted: Fitted) -> dict[str, float]:
    gains = fitted.estimator.booster_.feature_importance("gain").tolist()
    return dict(zip(dataset.columns, gains, strict=True))


def _publish(uri: str, request: Request, evaluation: Evaluation, say: Say) -> Outcome:
    """Register, export, and only then promote: the alias never names what did not get this far."""
    version = tracking.register(uri, request.name)
    export(uri, request.export)
    tracking.promote(request.name, version)
    say(f"{request.name} version {version} is {tracking.CHAMPION}, exported to {request.export}")
    return Outcome(version, evaluation.metrics)
