"""From a trained model to the registry: logged with its evidence, judged, published."""

from train.evaluation.clients import HOLDOUT, OUT_OF_FOLD
from train.evaluation.fairness import Fairness, fairness
from train.evaluation.trained import Trained
from train.gate import Case, Scores, Terms, Verdict, judge
from train.registry import evidence, logged_model, runs
from train.registry.comparison import TARGET, reloaded
from train.registry.promotion import Candidate, Destination, Publication, publish
from train.report.description import Description, writer
from train.report.fairness_plot import plot
from train.report.plots import card_plots, plots


def hand_over(trained: Trained, terms: Terms, to: Destination, run_id: str) -> Publication:
    """Logs the model and what was found of it; registers it, and promotes it if it may be."""
    _log_results(trained)
    logged = logged_model.log_model(trained.model, trained.dataset.id_type)
    keep_scores(trained)
    fairness, figures = measured(trained), card_plots(trained.evaluation)
    if len(fairness.table):
        figures["Fairness"] = plot(fairness, "out of fold")
    described = Description(to.name, run_id, logged.digest, fairness, figures)
    candidate = Candidate(
        uri=logged.uri,
        name=to.name,
        run_id=run_id,
        verdict=verdict(trained, logged.uri, terms),
        before=terms.champion.version if terms.champion else None,
        tags=version_tags(trained, terms, logged.digest),
        card=writer(trained, terms, described),
        export=to.export,
    )
    return publish(candidate, to.promote)


def _log_results(trained: Trained) -> None:
    """What was measured and chosen on the way to the model."""
    calibrated = trained.evaluation.calibrated
    runs.log_choice("calibration", calibrated.calibration.method, calibrated.why, calibrated.table)
    runs.tag("protected_attributes", trained.protected or "none")
    runs.log_results(trained.metrics, plots(trained.evaluation, dict(trained.gains)))
    if trained.exclusion:
        runs.log_exclusion(trained.exclusion)


def keep_scores(trained: Trained) -> None:
    """Logs who was scored how, for a change of threshold and for the next candidate."""
    evidence.log_scored(trained.out_of_fold, OUT_OF_FOLD)
    if trained.holdout:
        evidence.log_scored(trained.holdout, HOLDOUT)


def verdict(trained: Trained, uri: str, terms: Terms) -> Verdict:
    """The gate's, on the holdout; without one, on out-of-fold scores, and then it says so."""
    judged = trained.judged
    case = Case(
        defaulted=judged.clients.defaulted,
        groupings=judged.clients.groupings,
        basis="holdout" if trained.set_aside else f"{trained.basis}, without a holdout",
        challenger=Scores(judged.probability, trained.model.threshold, judged.lent),
        champion=terms.champion,
        reloaded=reloaded(uri, trained.compared_on, trained.in_training),
        cost_ratio=terms.cost_ratio,
        persons=judged.clients.persons,
    )
    return judge(case, terms.limits, terms.seed)


def measured(trained: Trained) -> Fairness:
    """Fairness out of fold, logged as table and plot."""
    scored, evaluation = trained.out_of_fold, trained.evaluation
    clients = scored.clients
    found = fairness(clients.defaulted, scored.probability, evaluation.lent, clients.groupings)
    evidence.log_fairness(found, plot(found, "out of fold") if len(found.table) else None)
    return found


def version_tags(trained: Trained, terms: Terms, digest: str) -> dict[str, str]:
    """What a version says of itself besides the verdict."""
    return {
        "model_digest": digest,
        "data_digest": trained.dataset.digest,
        "git_commit": terms.provenance.commit,
        "threshold": f"{trained.model.threshold!r}",
        "cost_ratio": f"{terms.cost_ratio:g}",
        TARGET: trained.target,
        **({"exclude": trained.exclusion.says} if trained.exclusion else {}),
    }
