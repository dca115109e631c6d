"""From clients to a model with all that is known of it: nothing here needs the tracking store but
the trials of a search."""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scoring_model.artifacts import Artifacts
from train import tracking
from train.candidate import Trained
from train.dataset import Dataset, Say
from train.factors import factors
from train.fitting.fit import Fitted, Plan, Progress, fit, splits
from train.fitting.search import searched
from train.judging.calibrate import calibrate
from train.judging.contrast import Weighed
from train.judging.evaluation import evaluate
from train.judging.holdout import score
from train.judging.weigh import exclusion
from train.material import Material, read, say_nothing
from train.protected import listed, protected_in_use
from train.request import Request


def learn(
    material: Material, source: str, request: Request, say: Say, progress: Progress
) -> Trained:
    """Searches, cross-validates, fits, calibrates and judges as `request` asks."""
    plan = searched(material.dataset, request.plan, request.search, progress, tracking.log_trial)
    fitted = fit(material.dataset, plan, progress)
    dataset = fitted.dataset
    calibrated = calibrate(dataset.defaulted, fitted.out_of_fold, splits(dataset, request.plan))
    say(f"calibration: {calibrated.why}")
    gains = _gains(dataset, fitted)
    protected = _warned_of_protected(dataset, gains, say)
    folded = splits(dataset, plan)
    evaluation = evaluate(dataset.defaulted, calibrated, folded, request.cost_ratio, plan.seed)
    weighed = tuple(_excluded(source, fitted, plan, request, progress))
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
    clients = material.compared_on
    scored = score(clients.table, material.target, model, request.plan.threads)
    holdout = None if material.aside is None else scored
    metrics = evaluation.metrics
    if holdout:
        metrics |= holdout.metrics(model.threshold, request.cost_ratio, request.plan.seed)
    return Trained(
        dataset=dataset,
        learned=material.learned,
        compared_on=clients,
        in_training=scored.probability,
        target=material.target,
        model=replace(model, estimator=_settled(fitted.estimator)),
        evaluation=evaluation,
        holdout=holdout,
        metrics=metrics,
        gains=gains,
        protected=protected,
        weighed=weighed,
    )


def _settled(estimator: Any) -> Any:
    """As it is once it has been written and read, so that its file, and with it the model's digest,
    is the same after it was kept."""
    return pickle.loads(pickle.dumps(estimator))


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
        kept = read(source, replace(request, exclude=()), say_nothing).dataset
        yield exclusion(kept, fitted, plan, request, progress)
