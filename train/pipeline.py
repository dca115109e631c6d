"""The whole way from tables to a promoted model."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from scoring_model.artifacts import Artifacts
from train import tracking
from train.calibrate import Calibrated, calibrate
from train.candidate import Terms, Trained
from train.dataset import Dataset, Say, encode
from train.errors import NoTarget
from train.evaluation import evaluate
from train.exclude import check_excluded, put_back, without
from train.factors import factors
from train.features import build
from train.fit import Fitted, Plan, Progress, check_outcomes, fit
from train.folds import Split, folds
from train.gate import Limits
from train.hand_over import To, hand_over
from train.holdout import Holdout, Setting, divide, score
from train.monotone import check_signs
from train.promotion.comparison import Learned, learned
from train.promotion.publish import Policy
from train.protected import listed, protected_in_use
from train.provenance import Provenance
from train.report import plots
from train.sample import generate
from train.search import Search, searched
from train.tables import open_tables

SAMPLE_SCALE = 0.02


@dataclass(frozen=True)
class Request:
    """What to train on, how, and where the model goes.

    `features` names a table that `train.features` has built, which then stands for `data`.
    """

    data: str | None
    features: str | None
    id: str | None
    target: str | None
    positive: str | None
    cost_ratio: float
    plan: Plan
    experiment: str
    name: str
    export: Path
    memory: str | None
    exclude: tuple[str, ...] = ()
    aside: Setting = field(default_factory=Setting)
    search: Search = field(default_factory=Search)
    promote: Policy = "gate"
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Material:
    """What to learn from, and the clients set aside to judge the model by, if any.

    `learned` are the clients of `dataset` as they came; `target` names the column of the outcome
    there and in the table `aside`.
    """

    dataset: Dataset
    learned: Learned
    aside: pa.Table | None
    target: str


@dataclass(frozen=True)
class Outcome:
    """What training led to: the new version, its metrics, and the clients set aside, judged.

    `refusal` says in a line why it did not become champion although it was to.
    """

    version: str
    metrics: Mapping[str, float]
    holdout: Holdout | None
    refusal: str | None


def train(request: Request, parameters: Mapping[str, Any], say: Say, progress: Progress) -> Outcome:
    """Trains, logs, registers, exports and promotes a model.

    `parameters` are logged as given. Raises TrainError, before a run is started wherever the
    data alone can tell.
    """
    tracking.connect()
    for stale in tracking.close_stale_runs():
        say(f"run {stale} was left open by a training that was killed: closed")
    with _source(request, say) as source:
        material = _read(source, request, say)
        before = tracking.champion(request.name)
        with tracking.training_run(request.experiment, parameters) as run:
            provenance = Provenance.current()
            tracking.log_provenance(provenance)
            tracking.log_dataset(material.dataset, source)
            plan = searched(
                material.dataset, request.plan, request.search, progress, tracking.log_trial
            )
            fitted = fit(material.dataset, plan, progress)
            dataset = fitted.dataset
            calibrated = _calibrate(dataset, fitted, request.plan, say)
            gains = _gains(dataset, fitted)
            protected = _warn_of_protected(dataset, gains, say)
            evaluation = evaluate(
                dataset.defaulted,
                calibrated,
                _splits(dataset, plan),
                request.cost_ratio,
                plan.seed,
            )
            tracking.log_results(evaluation.metrics, plots(evaluation, gains))
            model = Artifacts(
                fitted.estimator,
                dataset.contract,
                dataset.derivation,
                calibrated.calibration,
                factors(dataset),
                evaluation.threshold,
            )
            holdout, held = _judged(material, model, request)
            metrics = evaluation.metrics | held
            trained = Trained(
                dataset=dataset,
                learned=material.learned,
                target=material.target,
                model=model,
                evaluation=evaluation,
                holdout=holdout,
                metrics=metrics,
                gains=gains,
                protected=protected,
            )
            terms = _terms(request, before, source, provenance)
            published = hand_over(
                trained, terms, To(request.name, request.promote, request.export, run.info.run_id)
            )
            say(f"{request.name} version {published.version} is {published.place}")
            return Outcome(published.version, metrics, holdout, published.refusal)


@contextmanager
def _source(request: Request, say: Say) -> Iterator[str]:
    """The path of the data; a generated sample where none is named."""
    if named := request.features or request.data:
        yield named
        return
    say(f"no --data: training on a generated sample of {SAMPLE_SCALE:.0%} of the Home Credit size")
    with tempfile.TemporaryDirectory() as folder:
        generate(scale=SAMPLE_SCALE, out=Path(folder) / "sample", seed=request.plan.seed)
        yield str(Path(folder) / "sample")


def _read(source: str, request: Request, say: Say) -> Material:
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
    kept = without(tables, request.exclude)
    built = kept.application if request.features else build(kept, say)
    table: pa.Table = check_excluded(tables, built, request.exclude).to_pyarrow()
    table = put_back(tables, table, request.exclude)
    aside = request.aside
    table, held = divide(table, tables.id, tables.target, aside)
    ignored = [*request.exclude, *([aside.time] if aside.time else [])]
    dataset = encode(table, tables.id, tables.target, say, aside.group, ignored)
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
    return Material(dataset, seen, held, tables.target)


def _judged(
    material: Material, model: Artifacts, request: Request
) -> tuple[Holdout | None, dict[str, float]]:
    """What the finished model makes of the clients set aside, and the metrics of it."""
    if material.aside is None:
        return None, {}
    plan = request.plan
    holdout = score(material.aside, material.target, model, plan.threads)
    metrics = holdout.metrics(model.threshold, request.cost_ratio, plan.seed)
    tracking.log_results(metrics, {})
    return holdout, metrics


def _splits(dataset: Dataset, plan: Plan) -> Iterator[Split]:
    """Those of the first cross-validation once more."""
    return folds(dataset.defaulted, dataset.persons, plan.folds, plan.seed)


def _calibrate(dataset: Dataset, fitted: Fitted, plan: Plan, say: Say) -> Calibrated:
    calibrated = calibrate(dataset.defaulted, fitted.out_of_fold, _splits(dataset, plan))
    say(f"calibration: {calibrated.why}")
    tracking.log_choice(
        "calibration", calibrated.calibration.method, calibrated.why, calibrated.table
    )
    return calibrated


def _warn_of_protected(dataset: Dataset, gains: Mapping[str, float], say: Say) -> str:
    """Which protected attributes the model uses, as text, empty for none."""
    attributes = protected_in_use(dataset, gains)
    if attributes:
        say(f"warning: the model uses protected attributes, {listed(attributes)}: see --exclude")
    tracking.tag("protected_attributes", listed(attributes) or "none")
    return listed(attributes)


def _gains(dataset: Dataset, fitted: Fitted) -> dict[str, float]:
    gains = fitted.estimator.booster_.feature_importance("gain").tolist()
    return dict(zip(dataset.columns, gains, strict=True))


def _terms(
    request: Request, before: tracking.Version | None, source: str, provenance: Provenance
) -> Terms:
    return Terms(
        limits=request.limits,
        cost_ratio=request.cost_ratio,
        seed=request.plan.seed,
        threads=request.plan.threads,
        before=before,
        source=source,
        excluded=request.exclude,
        provenance=provenance,
    )
