"""From a trained model to the registry: logged with its evidence, judged, published."""

from dataclasses import dataclass
from pathlib import Path

from train import tracking
from train.candidate import Terms, Trained, keep_scores, measured, verdict, version_tags
from train.described import Description, writer
from train.fairness import plot
from train.promotion.publish import Candidate, Policy, Publication, publish
from train.report import card_plots, plots


@dataclass(frozen=True)
class To:
    """Where a model goes: the registered model, whether it may become champion, the folder for a
    champion, and the run that it belongs to."""

    name: str
    promote: Policy
    export: Path
    run_id: str


def hand_over(trained: Trained, terms: Terms, to: To) -> Publication:
    """Logs the model and what was found of it; registers it, and promotes it if it may be."""
    _log_results(trained)
    logged = tracking.log_model(trained.model, trained.dataset.id_type)
    keep_scores(trained)
    fairness, figures = measured(trained), card_plots(trained.evaluation)
    if len(fairness.table):
        figures["Fairness"] = plot(fairness, "out of fold")
    described = Description(to.name, to.run_id, logged.digest, fairness, figures)
    candidate = Candidate(
        uri=logged.uri,
        name=to.name,
        run_id=to.run_id,
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
    tracking.log_choice(
        "calibration", calibrated.calibration.method, calibrated.why, calibrated.table
    )
    tracking.tag("protected_attributes", trained.protected or "none")
    tracking.log_results(trained.metrics, plots(trained.evaluation, dict(trained.gains)))
    for found in trained.weighed:
        tracking.log_weighed(found)
