"""The whole way from tables to a registered model, step by step."""

import pickle
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scoring_model.artifacts import Artifacts
from scoring_model.decision import accepted, solvency
from train.data.columns import Say
from train.data.provenance import Provenance
from train.errors import TrainError
from train.evaluation.calibration import calibrate
from train.evaluation.clients import Scored, keys, score
from train.evaluation.evaluation import evaluate, judged, over_repeats
from train.evaluation.exclusion import Exclusion, exclusion
from train.evaluation.fairness import fairness
from train.evaluation.trained import Data, Trained
from train.fitting.boosting import Progress
from train.fitting.fit import Fitted, fit
from train.fitting.plan import Plan
from train.fitting.search import searched
from train.gate import Case, Champion, Scores, Verdict, judge
from train.home_credit.directions import with_changes
from train.home_credit.factors import factors
from train.home_credit.protected import listed, protected_in_use
from train.loading import load
from train.options import Request
from train.registry import comparison, model_folder, runs, saved, versions
from train.registry.export import EXPORT, EXPORT_GENERATED
from train.registry.registration import Outcome, register
from train.registry.saved import ARTIFACTS, MODEL, SavedRun
from train.registry.store import connect
from train.report import artifacts, summary
from train.report.card import Card, model_card
from train.report.display import described, read_display
from train.report.page import page_summary


def train(request: Request, options: Mapping[str, Any], say: Say, progress: Progress) -> Outcome:
    """Trains, evaluates, judges, registers and promotes a model.

    `options` are logged as parameters. Raises TrainError, before a run is started wherever the
    data and the champion alone can show that nothing would come of it.
    """
    _prepare(say)
    display = read_display(request.display)
    before = versions.champion(request.name)
    data = load(request, say)
    champion = _champion(before, data, request, say)
    provenance = Provenance.current()
    with runs.training_run(request.experiment, summary.name_of(data), options) as run_id:
        runs.log_dataset(data)
        trained = learn(data, request, display, say, progress)
        with saved.new_folder(run_id) as folder:
            id_type, summary_of = trained.fitted.dataset.id_type, page_summary(trained)
            model_folder.save(trained.model, id_type, folder / MODEL, summary_of)
            verdict = _verdict(trained, champion, request, folder / MODEL)
            digest = model_folder.digest(folder / MODEL)
            card = model_card(trained, verdict, provenance, request.name, digest)
            files = artifacts.of(trained, verdict, provenance, card)
            artifacts.write(files, folder / ARTIFACTS)
            run = _run(run_id, request, before, trained, verdict, card, digest, provenance)
            run.write(folder)
        return register(folder)


def _prepare(say: Say) -> None:
    connect()
    for folder in saved.unregistered():
        say(
            f"{folder} holds a trained model that is not registered:"
            f" python -m train.resume {folder} registers it"
        )


def _champion(
    before: versions.Version | None, data: Data, request: Request, say: Say
) -> Champion | None:
    """The champion's scores of the clients that the new model will be judged on.

    None if there is none, or if one of the two models is of generated clients and the other of
    real ones. Raises TrainError if they cannot be compared, and the gate is to decide.
    """
    if before and before.generated != data.generated:
        other = "generated" if before.generated else "real"
        say(f"champion version {before.number} is of {other} clients: it is not compared with")
        return None
    found = comparison.champion(before, data.compared_on)
    if found and not found.scores:
        said = f"champion version {found.version} cannot be compared with: {found.how}"
        if request.promote == "gate":
            ways = "--promote never or always trains without comparing, --name another model"
            raise TrainError(f"{said} ({ways})")
        say(said)
    return found


def learn(
    data: Data, request: Request, display: Mapping[str, Any], say: Say, progress: Progress
) -> Trained:
    """Searches, cross-validates, fits, calibrates and evaluates as `request` asks; `display` is
    what `read_display` has read."""
    plan, trials = searched(data.dataset, request.plan, request.search, progress, runs.log_trial)
    if trials:
        say(f"search: {trials} trials done; --trials {trials} gives the same model")
    fitted = fit(data.dataset, plan, progress)
    crossed, ratio = fitted.crossed, request.cost_ratio
    clients = data.learned.at(crossed.rows)
    calibrated = calibrate(clients.defaulted, crossed.out_of_fold, crossed.splits)
    say(f"calibration: {calibrated.why}")
    evaluation = evaluate(
        clients.defaulted, calibrated, crossed.splits, ratio, plan.seed, clients.persons
    )
    derivation, booster = fitted.dataset.derivation, fitted.estimator.booster_
    gains = booster.feature_importance("gain").tolist()
    contract = with_changes(fitted.dataset.contract, request.changes)
    model = Artifacts(
        # Written and read once: so its file, and the model's digest, stay the same when it is
        # written again.
        pickle.loads(pickle.dumps(fitted.estimator)),
        described(contract, derivation, gains, display),
        derivation,
        calibrated.calibration,
        factors(fitted.dataset),
        evaluation.threshold,
    )
    hashed = keys(fitted.dataset.matrix[crossed.rows])
    out_of_fold = Scored(clients, evaluation.probability, evaluation.lent, hashed)
    probability = score(data.compared_on.table, model, plan.threads)
    on, found = _judged(data, model, out_of_fold, crossed.rows, probability, ratio, plan.seed)
    trained = Trained(
        data=data,
        fitted=fitted,
        model=model,
        evaluation=evaluation,
        probability=probability,
        out_of_fold=out_of_fold,
        judged=on,
        fairness=fairness(
            clients.defaulted, evaluation.probability, evaluation.lent, clients.groupings
        ),
        exclusion=_exclusion(data, fitted, plan, ratio, say, progress),
        metrics={
            **evaluation.metrics,
            "psi": crossed.psi,
            **over_repeats(clients.defaulted, crossed.by_repeat),
            **({"search_trials": trials} if trials else {}),
            **found,
        },
        cost_ratio=ratio,
        protected="",
    )
    protected = listed(protected_in_use(fitted.dataset, trained.gains))
    if protected:
        say(f"warning: the model uses protected attributes, {protected}: see --exclude")
    return replace(trained, protected=protected)


def _judged(
    data: Data,
    model: Artifacts,
    out_of_fold: Scored,
    crossed: Any,
    probability: Any,
    cost_ratio: float,
    seed: int,
) -> tuple[Scored, dict[str, float]]:
    """The clients that the gate judges on, and metrics of the holdout if there is one."""
    clients = data.compared_on
    if data.rows is not None:
        return out_of_fold.at(crossed.searchsorted(data.rows)), {}
    lent = accepted(solvency(probability), model.threshold)
    found = judged(clients.defaulted, probability, lent, cost_ratio, seed, clients.persons)
    on = Scored(replace(clients, table=None), probability, lent)
    return on, {f"holdout_{name}": value for name, value in found.items()}


def _exclusion(
    data: Data, fitted: Fitted, plan: Plan, cost_ratio: float, say: Say, progress: Progress
) -> Exclusion | None:
    """What it changes to leave out what the user excluded, if that is to be known."""
    if data.unrestricted is None:
        return None
    found = exclusion(data.unrestricted, fitted, plan, data.excluded, cost_ratio, progress)
    say(found.says)
    return found


def _verdict(
    trained: Trained, champion: Champion | None, request: Request, folder: Path
) -> Verdict:
    """The gate's, on the holdout; without one, on out-of-fold scores, and then it says so."""
    on, data = trained.judged, trained.data
    case = Case(
        defaulted=on.clients.defaulted,
        groupings=on.clients.groupings,
        basis="holdout" if data.rows is None else "out of fold, without a holdout",
        challenger=Scores(on.probability, trained.model.threshold, on.lent),
        champion=champion,
        reloaded=comparison.reloaded(folder, data.compared_on, trained.probability),
        cost_ratio=trained.cost_ratio,
        persons=on.clients.persons,
    )
    return judge(case, request.limits, request.plan.seed)


def _run(
    run_id: str,
    request: Request,
    before: versions.Version | None,
    trained: Trained,
    verdict: Verdict,
    card: Card,
    digest: str,
    provenance: Provenance,
) -> SavedRun:
    """What the run and the version will say of the model."""
    generated = trained.data.generated
    export = request.export or (EXPORT_GENERATED if generated else EXPORT)
    return SavedRun(
        run_id=run_id,
        experiment=request.experiment,
        run_name=summary.name_with_result(trained),
        description=summary.description(trained, verdict),
        name=request.name,
        champion=versions.number_of(before),
        promote=request.promote,
        passed=verdict.passed,
        why=verdict.why,
        export=str(export),
        generated=generated,
        card=card.markdown,
        params=summary.parameters(trained),
        metrics=summary.metrics(trained),
        steps=summary.steps(trained),
        tags={
            **summary.tags(trained),
            "model_digest": digest,
            "git_commit": provenance.commit,
        },
        run_tags={
            "protected_attributes": trained.protected or "none",
            "command": provenance.command,
        },
        version_tags={
            "threshold": f"{trained.model.threshold!r}",
            "cost_ratio": f"{trained.cost_ratio:g}",
            comparison.TARGET: trained.data.target,
        },
    )
