"""The whole way from tables to a promoted model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scoring_model.artifacts import Artifacts
from train import tracking
from train.candidate import Terms, Trained
from train.dataset import Dataset, Say
from train.factors import factors
from train.fitting.fit import Fitted, Plan, Progress
from train.fitting.folds import Split, folds
from train.fitting.search import searched
from train.hand_over import To, hand_over
from train.judging.calibrate import Calibrated, calibrate
from train.judging.evaluation import evaluate
from train.judging.holdout import Holdout, score
from train.judging.weigh import exclusion, fit_weighed
from train.material import Material, read, source_of
from train.protected import listed, protected_in_use
from train.provenance import Provenance
from train.report import plots
from train.request import Request
from train.row_models.beside import columns_beside
from train.swap import recover


@dataclass(frozen=True)
class Outcome:
    """What training led to: the new version, its metrics, and the clients set aside, judged.

    `refusal` says in a line why it did not become champion although it was to.
    """

    version: str
    metrics: Mapping[str, float]
    holdout: Holdout | None
    refusal: str | None


@tracking.faults_told()
def train(request: Request, parameters: Mapping[str, Any], say: Say, progress: Progress) -> Outcome:
    """Trains, logs, registers, exports and promotes a model.

    `parameters` are logged as given. Raises TrainError, before a run is started wherever the
    data alone can tell.
    """
    tracking.connect()
    tracking.claim_run()
    for stale in tracking.close_stale_runs():
        say(f"run {stale} was left open by a training that was killed: closed")
    recover(request.export.resolve())
    with source_of(request, say) as source:
        material = read(source, request, say)
        before = tracking.champion(request.name)
        with tracking.training_run(request.experiment, parameters) as run:
            provenance = Provenance.current()
            tracking.log_provenance(provenance)
            tracking.log_dataset(material.dataset, source)
            plan = searched(
                material.dataset, request.plan, request.search, progress, tracking.log_trial
            )
            fitted, plan, weighed = fit_weighed(material.dataset, plan, request, progress)
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
            if request.exclude and request.exclude_price:
                kept = read(source, replace(request, exclude=()), _nothing).dataset
                weighed += (exclusion(kept, fitted, plan, request, progress),)
            for found in weighed:
                say(found.says)
                tracking.log_weighed(found)
            model = Artifacts(
                fitted.estimator,
                dataset.contract,
                dataset.derivation,
                calibrated.calibration,
                factors(dataset),
                evaluation.threshold,
            )
            holdout, held = _judged(material, model, dataset, request)
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
                weighed=weighed,
                history=material.history,
            )
            terms = _terms(request, before, source, provenance)
            published = hand_over(
                trained, terms, To(request.name, request.promote, request.export, run.info.run_id)
            )
            say(f"{request.name} version {published.version} is {published.place}")
            return Outcome(published.version, metrics, holdout, published.refusal)


def _judged(
    material: Material, model: Artifacts, dataset: Dataset, request: Request
) -> tuple[Holdout | None, dict[str, float]]:
    """What the finished model makes of the clients set aside, and the metrics of it."""
    if material.aside is None:
        return None, {}
    plan = request.plan
    aside = columns_beside(material.aside, dataset.row_models, material.history, plan.threads)
    holdout = score(aside, material.target, model, plan.threads)
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


def _nothing(_: str) -> None:
    """Says nothing: the same was said when the data was read first."""
