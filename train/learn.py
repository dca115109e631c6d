"""From clients to a model with all that is known of it: nothing here needs the tracking store but
the trials of a search."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scoring_model.artifacts import Artifacts
from train import tracking
from train.calibrate import calibrate
from train.candidate import Trained
from train.contrast import Weighed
from train.dataset import Dataset, Say
from train.evaluation import evaluate
from train.factors import factors
from train.fit import Fitted, Plan, Progress
from train.folds import Split, folds
from train.holdout import Holdout, score
from train.material import Material, read
from train.protected import listed, protected_in_use
from train.request import Request
from train.row_models.beside import columns_beside
from train.search import searched
from train.weigh import exclusion, fit_weighed


def learn(
    material: Material, source: str, request: Request, say: Say, progress: Progress
) -> Trained:
    """Searches, cross-validates, fits, calibrates and judges as `request` asks."""
    plan = searched(material.dataset, request.plan, request.search, progress, tracking.log_trial)
    fitted, plan, weighed = fit_weighed(material.dataset, plan, request, progress)
    dataset = fitted.dataset
    calibrated = calibrate(dataset.defaulted, fitted.out_of_fold, _splits(dataset, request.plan))
    say(f"calibration: {calibrated.why}")
    gains = _gains(dataset, fitted)
    protected = _warned_of_protected(dataset, gains, say)
    splits = _splits(dataset, plan)
    evaluation = evaluate(dataset.defaulted, calibrated, splits, request.cost_ratio, plan.seed)
    weighed += tuple(_excluded(source, fitted, plan, request, progress))
    for found in weighed:
        say(found.says)
    model = Artifacts(
        fitted.estimator,
        dataset.contract,
        dataset.derivation,
        calibrated.calibration,
        factors(dataset),
        evaluation.threshold,
    )
    holdout, held = _judged(material, model, dataset, request)
    return Trained(
        dataset=dataset,
        learned=material.learned,
        compared_on=material.compared_on,
        target=material.target,
        model=model,
        evaluation=evaluation,
        holdout=holdout,
        metrics=evaluation.metrics | held,
        gains=gains,
        protected=protected,
        weighed=weighed,
    )


def _splits(dataset: Dataset, plan: Plan) -> Iterator[Split]:
    """Those of the first cross-validation once more."""
    return folds(dataset.defaulted, dataset.persons, plan.folds, plan.seed)


def _gains(dataset: Dataset, fitted: Fitted) -> dict[str, float]:
    gains = fitted.estimator.booster_.feature_importance("gain").tolist()
    return dict(zip(dataset.columns, gains, strict=True))


def _warned_of_protected(dataset: Dataset, gains: Mapping[str, float], say: Say) -> str:
    """Which protected attributes the model uses, as text, empty for none."""
    attributes = listed(protected_in_use(dataset, gains))
    if attributes:
        say(f"warning: the model uses protected attributes, {attributes}: see --exclude")
    return attributes


def _excluded(
    source: str, fitted: Fitted, plan: Plan, request: Request, progress: Progress
) -> Iterator[Weighed]:
    """What it changes to leave out what the user excluded, if that is to be known."""
    if request.exclude and request.exclude_price:
        kept = read(source, replace(request, exclude=()), _nothing).dataset
        yield exclusion(kept, fitted, plan, request, progress)


def _judged(
    material: Material, model: Artifacts, dataset: Dataset, request: Request
) -> tuple[Holdout | None, dict[str, float]]:
    """What the finished model makes of the clients set aside, and the metrics of it."""
    if material.aside is None:
        return None, {}
    plan = request.plan
    aside = columns_beside(material.aside, dataset.row_models, material.history, plan.threads)
    holdout = score(aside, material.target, model, plan.threads)
    return holdout, holdout.metrics(model.threshold, request.cost_ratio, plan.seed)


def _nothing(_: str) -> None:
    """Says nothing: the same was said when the data was read first."""
