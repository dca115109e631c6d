"""`credit-scoring threshold`: a version with another threshold, judged on its stored scores."""

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd

from scoring_model.artifacts import FILES, read_threshold
from scoring_model.contract import Vector
from scoring_model.decision import COST_RATIO, accepted, business_cost, solvency
from train.command import command
from train.data.provenance import Provenance
from train.errors import TrainError
from train.evaluation.clients import HOLDOUT, OUT_OF_FOLD, Scored
from train.evaluation.fairness import fairness
from train.evaluation.threshold import Lent, cost_curve, lent_unseen
from train.fitting.folds import folds
from train.gate import Case, Reloaded, Scores, judge
from train.options import GATE, MODEL, Count, Fraction, Gated, Integer, Ratio, given
from train.registry import comparison, loaded_model, model_folder, runs, saved, versions
from train.registry.export import EXPORT
from train.registry.registration import Outcome, register
from train.registry.saved import ARTIFACTS, Policy, SavedRun
from train.registry.store import connect
from train.report import artifacts
from train.report.card import CARD, card_files
from train.report.summary import TARGET

CROSS_FITTED = 5
"""Folds in which decisions are cross-fitted, where the threshold was chosen on stored scores."""
KEPT_TAGS = ("data", TARGET)
"""Tags of a version that hold for the same model with another threshold, too."""


@dataclass(frozen=True, kw_only=True)
class ThresholdChange(Gated):
    """Register a version again with another threshold, chosen on its stored out-of-fold scores.

    Example: credit-scoring threshold --version 7 --cost-ratio 15 --why "losses rise"
    """

    version: Annotated[Count, MODEL]
    """Version to start from."""
    cost_ratio: Annotated[Ratio, MODEL] = float(COST_RATIO)
    """Cost of a missed default, in refusals of a client who would have repaid."""
    threshold: Annotated[Fraction | None, MODEL] = None
    """Solvency that gets a Yes, instead of the cheapest one."""
    why: Annotated[str, MODEL] = ""
    """Reason, kept with the new version."""
    seed: Annotated[Integer, MODEL] = 0
    """Seed of the gate's resamples."""
    promote: Annotated[Policy, GATE] = "never"
    """Whether the gate decides on champion."""


@command("threshold")
def main(options: ThresholdChange) -> str | None:
    connect()
    origin = versions.version(options.name, str(options.version))
    done = change_threshold(options, origin)
    now = versions.version(options.name, done.version).tags["threshold"]
    before = origin.tags.get("threshold", "unknown")
    print(f"the threshold is {now}, that of version {origin.number} is {before}")
    print(done.says)
    return done.refusal if options.require_promotion else None


def change_threshold(change: ThresholdChange, origin: versions.Version) -> Outcome:
    """Registers the model of the version `origin` with the new threshold, judged on its stored
    scores.

    Nothing is fitted: files, code and scores are those of the version. Raises TrainError where its
    run has no scores.
    """
    before = versions.champion(change.name)
    name = f"another threshold, {change.name} version {change.version}"
    with runs.training_run(change.experiment, name, given(change)) as run_id:
        with tempfile.TemporaryDirectory() as download, saved.new_folder(run_id) as folder:
            model = loaded_model.fetch(origin.uri, Path(download)).folder
            _prepare(change, before, origin, model, folder, name).write(folder)
        return register(folder)


def _prepare(
    change: ThresholdChange,
    before: versions.Version | None,
    origin: versions.Version,
    model: Path,
    folder: Path,
    run_name: str,
) -> SavedRun:
    """Writes the new model and the files of its run to `folder`, which is named by the run;
    returns what the run will say."""
    out_of_fold = versions.stored(origin, OUT_OF_FOLD, Scored.read)
    if out_of_fold is None:
        raise TrainError(f"the run of {origin.name} version {origin.number} has no {OUT_OF_FOLD}")
    old = read_threshold(model / "artifacts" / FILES["best_threshold"])
    lent, new = _decided(out_of_fold, change)
    model_folder.copy_with_threshold(model, new, folder / saved.MODEL)
    aside = versions.stored(origin, HOLDOUT, Scored.read)
    on, decisions, basis = out_of_fold, lent, "out of fold"
    if aside:
        on, decisions, basis = aside, accepted(solvency(aside.probability), new), "holdout"
    compared = before if before and before.generated == origin.generated else None
    case = Case(
        clients=on.clients,
        basis=f"{basis}, stored with version {change.version}",
        challenger=Scores(on.probability, decisions),
        champion=comparison.champion(compared, on.clients),
        reloaded=_reloaded(model, folder / saved.MODEL),
        cost_ratio=change.cost_ratio,
    )
    verdict = judge(case, change.limits, change.seed)
    clients, probability = out_of_fold.clients, out_of_fold.probability
    at = [accepted(solvency(probability), threshold) for threshold in (old, new)]
    costs = [business_cost(clients.defaulted, given, change.cost_ratio) for given in at]
    fractions = [float(np.mean(given)) for given in at]
    groups = fairness(clients.defaulted, probability, at[1], clients.groupings)
    digest, provenance = model_folder.digest(folder / saved.MODEL), Provenance.current()
    card = card_files(
        "changed.md.jinja",
        change.name,
        verdict,
        {},
        version=origin.number,
        provenance=provenance,
        digest=digest,
        why=change.why,
        cost_ratio=change.cost_ratio,
        thresholds=(old, new),
        costs=costs,
        accepted=fractions,
        fairness=groups,
        original=versions.stored(origin, CARD, Path.read_text),
    )
    files = {
        **artifacts.of_verdict(verdict, provenance),
        **card,
        "tables/fairness.csv": groups.to_csv(),
        OUT_OF_FOLD: replace(out_of_fold, lent=lent),
        **({HOLDOUT: aside} if aside else {}),
    }
    artifacts.write(files, folder / ARTIFACTS)
    kept = {name: origin.tags[name] for name in KEPT_TAGS if name in origin.tags}
    changed = f"from version {origin.number} by {provenance.user} at {provenance.time}"
    return SavedRun(
        run_id=folder.name,
        experiment=change.experiment,
        run_name=run_name,
        description=f"Threshold {new:.3f} instead of {old:.3f}: {verdict.why}.",
        name=change.name,
        champion=versions.number_of(before),
        promote=change.promote,
        passed=verdict.passed,
        why=verdict.why,
        export=str(change.export or EXPORT),
        tags={
            **kept,
            "model_digest": digest,
            "git_commit": provenance.commit,
            "command": provenance.command,
        },
        version_tags={
            **kept,
            "model_digest": digest,
            "threshold": f"{new!r}",
            "cost_ratio": f"{change.cost_ratio:g}",
            "threshold_changed": f"{changed}: {change.why or 'no reason stated'}",
        },
        params={"threshold_before": old, "threshold_now": new},
        metrics={"business_cost": costs[1], "accepted_share": fractions[1]},
    )


def _decided(scored: Scored, change: ThresholdChange) -> tuple[Lent, float]:
    """The decisions at the new threshold, and that threshold; the decisions are cross-fitted if it
    is chosen on these clients."""
    clients, solvencies = scored.clients, solvency(scored.probability)
    if change.threshold is not None:
        return accepted(solvencies, change.threshold), change.threshold
    parts = folds(clients.defaulted, clients.persons, CROSS_FITTED, change.seed)
    lent = lent_unseen(clients.defaulted, solvencies, parts, change.cost_ratio)
    return lent, cost_curve(clients.defaulted, solvencies, change.cost_ratio).best


def _reloaded(old: Path, new: Path) -> Reloaded:
    """Compares the scores that both models give to the clients of their example."""
    clients = pd.DataFrame(model_folder.example(old))
    before, now = (_solvencies(folder, clients) for folder in (old, new))
    return Reloaded(len(clients), int(np.count_nonzero(before != now)))


def _solvencies(folder: Path, clients: pd.DataFrame) -> Vector:
    model = loaded_model.load(loaded_model.fetch(str(folder), folder), threads=1)
    return model(clients, {})["solvency"].to_numpy(dtype=np.float64)


if __name__ == "__main__":
    sys.exit(main())
