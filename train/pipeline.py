"""The whole way from tables to a promoted model."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scoring_model.artifacts import Artifacts
from scoring_model.decision import accepted, solvency
from train.data.columns import Say
from train.data.dataset import Dataset
from train.data.provenance import Provenance
from train.evaluation.calibration import calibrate
from train.evaluation.clients import Scored, keys
from train.evaluation.evaluation import evaluate
from train.evaluation.exclusion import Exclusion, exclusion
from train.evaluation.holdout import score
from train.evaluation.metrics import judged, over_repeats
from train.evaluation.trained import Trained
from train.fitting.boosting import Progress
from train.fitting.fit import Fitted, fit
from train.fitting.plan import Plan
from train.fitting.search import searched
from train.gate import Champion, Terms
from train.home_credit.factors import factors
from train.home_credit.protected import listed, protected_in_use
from train.loading import Material, read, say_nothing, source_of
from train.options import Request
from train.registry import evidence, faults, runs, versions
from train.registry.comparison import champion, columns_of
from train.registry.errors import Incomparable
from train.registry.kept import Kept, kept_meanwhile, prepare
from train.registry.promotion import Destination
from train.registry.registration import hand_over


@dataclass(frozen=True)
class Outcome:
    """What training led to: the new version and its metrics.

    `refusal` says in a line why it did not become champion although it was to.
    """

    version: str
    metrics: Mapping[str, float]
    refusal: str | None


@faults.faults_told()
def train(request: Request, parameters: Mapping[str, Any], say: Say, progress: Progress) -> Outcome:
    """Trains, logs, registers, exports and promotes a model.

    `parameters` are logged as given. Raises TrainError, before a run is started wherever the data
    and the champion alone can tell.
    """
    prepare(request.export, say)
    with source_of(request, say) as source:
        before = versions.champion(request.name)
        material = read(source, request, say, columns_of(before) if request.exclude else ())
        compared = _compared(before, material, request, say)
        with runs.training_run(request.experiment, parameters) as run:
            provenance = Provenance.current()
            evidence.log_provenance(provenance)
            runs.log_dataset(material.dataset, source)
            trained = learn(material, source, request, say, progress)
            terms = _terms(request, compared, source, provenance)
            to = Destination(request.experiment, request.name, request.promote, request.export)
            work = Kept(run.info.run_id, to, parameters, trained, terms)
            with kept_meanwhile(work, say):
                published = hand_over(trained, terms, to, work.run_id)
            say(f"{request.name} version {published.version} is {published.place}")
            return Outcome(published.version, trained.metrics, published.refusal)


def _compared(
    before: versions.Version | None, material: Material, request: Request, say: Say
) -> Champion | None:
    """The champion on the clients that the new model will be judged on.

    Raises Incomparable if that cannot be, and the gate is to decide.
    """
    found = champion(before, material.compared_on)
    if found and not found.scores:
        if request.promote == "gate":
            raise Incomparable(request.name, found.version, found.how)
        say(f"champion version {found.version} cannot be compared with: {found.how}")
    return found


def _terms(
    request: Request, compared: Champion | None, source: str, provenance: Provenance
) -> Terms:
    return Terms(
        limits=request.limits,
        cost_ratio=request.cost_ratio,
        seed=request.plan.seed,
        champion=compared,
        source=source,
        excluded=request.exclude,
        provenance=provenance,
    )


def learn(
    material: Material, source: str, request: Request, say: Say, progress: Progress
) -> Trained:
    """Searches, cross-validates, fits, calibrates and judges as `request` asks."""
    plan, trials = searched(
        material.dataset, request.plan, request.search, progress, runs.log_trial
    )
    if trials:
        say(f"search: {trials} trials done; --trials {trials} gives the same model")
    fitted = fit(material.dataset, plan, progress)
    dataset, crossed, seed = fitted.dataset, fitted.crossed, plan.seed
    clients = material.learned.at(crossed.rows)
    calibrated = calibrate(clients.defaulted, crossed.out_of_fold, crossed.splits)
    say(f"calibration: {calibrated.why}")
    gains = _gains(dataset, fitted)
    protected = _warned_of_protected(dataset, gains, say)
    evaluation = evaluate(
        clients.defaulted, calibrated, crossed.splits, request.cost_ratio, seed, clients.persons
    )
    excluded = _excluded(source, fitted, plan, request, progress)
    if excluded:
        say(excluded.says)
    model = Artifacts(
        fitted.estimator,
        dataset.contract,
        dataset.derivation,
        calibrated.calibration,
        factors(dataset),
        evaluation.threshold,
    )
    hashed = keys(dataset.matrix[crossed.rows])
    out_of_fold = Scored(clients, evaluation.probability, evaluation.lent, hashed)
    compared, rows = material.compared_on, material.compared_rows
    in_training = score(compared.table, model, request.plan.threads)
    metrics = evaluation.metrics | {"psi": crossed.psi}
    metrics |= over_repeats(clients.defaulted, crossed.by_repeat)
    if trials:
        metrics["search_trials"] = trials
    if rows is None:
        lent = accepted(solvency(in_training), model.threshold)
        on = Scored(replace(compared, table=None), in_training, lent)
        found = judged(
            compared.defaulted, in_training, lent, request.cost_ratio, seed, compared.persons
        )
        metrics |= {f"holdout_{name}": value for name, value in found.items()}
    else:
        on = out_of_fold.at(np.searchsorted(crossed.rows, rows))
    return Trained(
        dataset=dataset,
        out_of_fold=out_of_fold,
        judged=on,
        set_aside=rows is None,
        compared_on=compared,
        in_training=in_training,
        target=material.target,
        model=replace(model, estimator=_settled(fitted.estimator)),
        evaluation=evaluation,
        metrics=metrics,
        gains=gains,
        protected=protected,
        exclusion=excluded,
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
) -> Exclusion | None:
    """What it changes to leave out what the user excluded, if that is to be known."""
    if not (request.exclude and request.exclude_price == "measure"):
        return None
    whole = read(source, replace(request, exclude=()), say_nothing).dataset
    return exclusion(whole, fitted, plan, request.exclude, request.cost_ratio, progress)
