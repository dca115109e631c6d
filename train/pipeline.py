"""The whole way from tables to a registered model, step by step."""

import pickle
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scoring_model.artifacts import Artifacts
from scoring_model.decision import accepted, solvency
from train.data.columns import Say
from train.data.provenance import Provenance
from train.errors import TrainError
from train.evaluation.calibration import calibrate
from train.evaluation.clients import Scored, keys, score
from train.evaluation.evaluation import evaluate, judged, over_repeats
from train.evaluation.exclusion import exclusion
from train.evaluation.fairness import fairness
from train.evaluation.trained import Data, Trained
from train.fitting.boosting import Progress
from train.fitting.fit import fit
from train.fitting.search import searched
from train.gate import Case, Champion, Scores, judge
from train.home_credit.directions import with_changes
from train.home_credit.factors import factors
from train.home_credit.protected import listed, protected_in_use
from train.loading import load
from train.options import Request, given
from train.registry import comparison, model_folder, runs, saved, versions
from train.registry.export import EXPORT, EXPORT_GENERATED
from train.registry.registration import Outcome, register
from train.registry.saved import ARTIFACTS, MODEL, SavedRun
from train.registry.store import connect
from train.report import artifacts, summary
from train.report.page import described, page_summary, read_display


def train(request: Request, say: Say, progress: Progress) -> Outcome:
    """Trains, evaluates, judges, registers and promotes a model.

    Raises TrainError, before a run is started wherever the data and the champion alone can show
    that nothing would come of it.
    """
    connect()
    for folder in saved.unregistered():
        resume = f"python -m train.resume {folder} registers it"
        say(f"{folder} holds a trained model that is not registered: {resume}")
    display = read_display(request.display)
    before = versions.champion(request.name)
    data = load(request, say)
    champion = _champion(before, data, request, say)
    with runs.training_run(request.experiment, summary.name_of(data), given(request)) as run_id:
        runs.log_dataset(data)
        trained = learn(data, request, display, say, progress)
        with saved.new_folder(run_id) as folder:
            id_type = trained.fitted.dataset.id_type
            model_folder.save(trained.model, id_type, folder / MODEL, page_summary(trained))
            digest, provenance = model_folder.digest(folder / MODEL), Provenance.current()
            case = Case(
                clients=trained.judged.clients,
                basis="holdout" if data.rows is None else "out of fold, without a holdout",
                challenger=Scores.of(trained.judged, trained.model.threshold),
                champion=champion,
                reloaded=comparison.reloaded(folder / MODEL, data.compared_on, trained.probability),
                cost_ratio=trained.cost_ratio,
            )
            verdict = judge(case, request.limits, request.plan.seed)
            files = artifacts.of_training(trained, verdict, provenance, request.name, digest)
            artifacts.write(files, folder / ARTIFACTS)
            SavedRun(
                run_id=run_id,
                experiment=request.experiment,
                run_name=summary.name_with_result(trained),
                description=summary.description(trained, verdict),
                name=request.name,
                champion=versions.number_of(before),
                promote=request.promote,
                passed=verdict.passed,
                why=verdict.why,
                export=str(request.export or (EXPORT_GENERATED if data.generated else EXPORT)),
                tags=summary.tags(trained, provenance, digest),
                version_tags=summary.version_tags(trained, digest),
                params=summary.parameters(trained),
                metrics=summary.metrics(trained),
                steps=summary.steps(trained),
            ).write(folder)
        return register(folder)


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
    crossed, dataset, ratio = fitted.crossed, fitted.dataset, request.cost_ratio
    clients = data.learned.at(crossed.rows)
    calibrated = calibrate(clients.defaulted, crossed.out_of_fold, crossed.splits)
    say(f"calibration: {calibrated.why}")
    evaluation = evaluate(
        clients.defaulted, calibrated, crossed.splits, ratio, plan.seed, clients.persons
    )
    gains = fitted.estimator.booster_.feature_importance("gain").tolist()
    contract = with_changes(dataset.contract, request.changes)
    model = Artifacts(
        # Written and read once: so its file, and the model's digest, stay the same when it is
        # written again.
        pickle.loads(pickle.dumps(fitted.estimator)),
        described(contract, dataset.derivation, gains, display),
        dataset.derivation,
        calibrated.calibration,
        factors(dataset),
        evaluation.threshold,
    )
    metrics = {
        **evaluation.metrics,
        "psi": crossed.psi,
        **over_repeats(clients.defaulted, crossed.by_repeat),
        **({"search_trials": trials} if trials else {}),
    }
    hashed = keys(dataset.matrix[crossed.rows])
    out_of_fold = Scored(clients, evaluation.probability, evaluation.lent, hashed)
    aside = data.compared_on
    probability = score(aside.table, model, plan.threads)
    if data.rows is not None:
        on = out_of_fold.at(crossed.rows.searchsorted(data.rows))
    else:
        lent = accepted(solvency(probability), model.threshold)
        on = Scored(replace(aside, table=None), probability, lent)
        found = judged(aside.defaulted, probability, lent, ratio, plan.seed, aside.persons)
        metrics |= {f"holdout_{name}": value for name, value in found.items()}
    excluded = None
    if data.unrestricted is not None:
        excluded = exclusion(data.unrestricted, fitted, plan, data.excluded, ratio, progress)
        say(excluded.says)
        metrics |= excluded.metrics
    protected = listed(protected_in_use(dataset, dict(zip(dataset.columns, gains, strict=True))))
    if protected:
        say(f"warning: the model uses protected attributes, {protected}: see --exclude")
    return Trained(
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
        exclusion=excluded,
        metrics=metrics,
        cost_ratio=ratio,
        protected=protected,
    )
