"""`credit-scoring threshold`: a version with another threshold, judged on its stored scores."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from scoring_model.artifacts import FILES, read_threshold
from scoring_model.contract import Vector
from scoring_model.decision import accepted, business_cost, solvency
from train.command import command
from train.data.provenance import Provenance
from train.errors import TrainError
from train.evaluation.clients import HOLDOUT, OUT_OF_FOLD, Scored
from train.evaluation.fairness import fairness
from train.evaluation.threshold import cost_curve, lent_unseen
from train.fitting.folds import folds
from train.gate import Case, Reloaded, Scores, Verdict, judge
from train.options import ThresholdChange, given
from train.registry import comparison, loaded_model, model_folder, runs, saved, versions
from train.registry.export import EXPORT
from train.registry.registration import Outcome, register
from train.registry.saved import ARTIFACTS, MODEL, SavedRun
from train.registry.store import connect
from train.report import artifacts
from train.report.card import changed_card

CROSS_FITTED = 5
"""Folds in which decisions are cross-fitted, where the threshold was chosen on stored scores."""
KEPT_TAGS = ("data", "data_digest", "git_commit", comparison.TARGET)
"""Tags of a version that hold for the same model with another threshold, too."""


@command("threshold")
def main(options: ThresholdChange) -> str | None:
    connect()
    done = change_threshold(options)
    numbers = (str(options.version), done.version)
    tags = [versions.version(options.name, number).tags for number in numbers]
    before, now = (tag.get("threshold", "unknown") for tag in tags)
    print(f"the threshold is {now}, that of version {options.version} is {before}")
    print(done.says)
    return done.refusal if options.require_promotion else None


def change_threshold(change: ThresholdChange) -> Outcome:
    """Registers the version's model with the new threshold, judged on its stored scores.

    Nothing is fitted: files, code and scores are those of the version. Raises TrainError where
    there is no such version, or its run has no scores.
    """
    before = versions.champion(change.name)
    origin = versions.version(change.name, str(change.version))
    name = f"another threshold, {change.name} version {change.version}"
    with runs.training_run(change.experiment, name, given(change)) as run_id:
        with tempfile.TemporaryDirectory() as download, saved.new_folder(run_id) as folder:
            model = loaded_model.fetch(origin.uri, Path(download)).folder
            run = _prepared(change, before, origin, model, folder)
            replace(run, run_id=run_id, run_name=name).write(folder)
        return register(folder)


def _prepared(
    change: ThresholdChange,
    before: versions.Version | None,
    origin: versions.Version,
    model: Path,
    folder: Path,
) -> SavedRun:
    """Writes the new model and the files of its run; returns what the run will say."""
    found = versions.scored(origin, OUT_OF_FOLD)
    if found is None:
        raise TrainError(f"the run of {origin.name} version {origin.number} has no {OUT_OF_FOLD}")
    out_of_fold, new = _decided(found, change)
    old = read_threshold(model / "artifacts" / FILES["best_threshold"])
    aside = versions.scored(origin, HOLDOUT)
    model_folder.copy_with_threshold(model, new, folder / MODEL)
    digest, provenance = model_folder.digest(folder / MODEL), Provenance.current()
    compared = before if before and before.generated == origin.generated else None
    reloaded = _reloaded(model, folder / MODEL)
    verdict = _verdict(change, compared, aside, out_of_fold, new, reloaded)
    clients, solvencies = out_of_fold.clients, solvency(out_of_fold.probability)
    lent = [accepted(solvencies, value) for value in (old, new)]
    costs = [business_cost(clients.defaulted, given, change.cost_ratio) for given in lent]
    fractions = [float(np.mean(given)) for given in lent]
    groups = fairness(clients.defaulted, out_of_fold.probability, lent[1], clients.groupings)
    card = changed_card(
        change.name,
        verdict,
        version=origin.number,
        provenance=provenance,
        digest=digest,
        why=change.why,
        cost_ratio=change.cost_ratio,
        thresholds=(old, new),
        costs=costs,
        accepted=fractions,
        fairness=groups,
        original=versions.text(origin, "model_card.md"),
    )
    files = {
        **artifacts.of_verdict(verdict, provenance, card),
        "tables/fairness.csv": groups.to_csv(),
        OUT_OF_FOLD: out_of_fold,
        **({HOLDOUT: aside} if aside else {}),
    }
    artifacts.write(files, folder / ARTIFACTS)
    return SavedRun(
        run_id="",
        experiment=change.experiment,
        run_name="",
        description=f"Threshold {new:.3f} instead of {old:.3f}: {verdict.why}.",
        name=change.name,
        champion=versions.number_of(before),
        promote=change.promote,
        passed=verdict.passed,
        why=verdict.why,
        export=str(change.export or EXPORT),
        generated=origin.generated,
        card=card.markdown,
        params={"threshold_before": old, "threshold_now": new},
        metrics={"business_cost": costs[1], "accepted_share": fractions[1]},
        tags={name: origin.tags[name] for name in KEPT_TAGS if name in origin.tags}
        | {"model_digest": digest},
        run_tags={"command": provenance.command},
        version_tags={
            "threshold": f"{new!r}",
            "cost_ratio": f"{change.cost_ratio:g}",
            "threshold_changed_from_version": origin.number,
            "threshold_changed_by": provenance.user,
            "threshold_changed_at": provenance.time,
            "threshold_changed_why": change.why or "not stated",
        },
    )


def _decided(scored: Scored, change: ThresholdChange) -> tuple[Scored, float]:
    """The scores with their decisions at the new threshold, and that threshold; the decisions are
    cross-fitted if it is chosen on these clients."""
    clients, solvencies = scored.clients, solvency(scored.probability)
    if change.threshold is not None:
        lent = accepted(solvencies, change.threshold)
        return replace(scored, lent=lent), change.threshold
    parts = folds(clients.defaulted, clients.persons, CROSS_FITTED, change.seed)
    lent = lent_unseen(clients.defaulted, solvencies, parts, change.cost_ratio)
    best = cost_curve(clients.defaulted, solvencies, change.cost_ratio).best
    return replace(scored, lent=lent), best


def _verdict(
    change: ThresholdChange,
    before: versions.Version | None,
    aside: Scored | None,
    out_of_fold: Scored,
    threshold: float,
    reloaded: Reloaded,
) -> Verdict:
    on = aside or out_of_fold
    basis = "holdout" if aside else "out of fold"
    case = Case(
        defaulted=on.clients.defaulted,
        groupings=on.clients.groupings,
        basis=f"{basis}, stored with version {change.version}",
        challenger=Scores(on.probability, threshold, None if aside else on.lent),
        champion=comparison.champion(before, on.clients),
        reloaded=reloaded,
        cost_ratio=change.cost_ratio,
        persons=on.clients.persons,
    )
    return judge(case, change.limits, change.seed)


def _reloaded(old: Path, new: Path) -> Reloaded:
    """Compares the scores that both models give to the clients of their example."""
    clients = pd.DataFrame(model_folder.example(old))
    before, now = (_solvencies(folder, clients) for folder in (old, new))
    return Reloaded(len(clients), int(np.count_nonzero(before != now)))


def _solvencies(folder: Path, clients: pd.DataFrame) -> Vector:
    model = loaded_model.load(loaded_model.fetch(str(folder), folder), threads=1)
    return model.predict(clients, {})["solvency"].to_numpy(dtype=np.float64)


if __name__ == "__main__":
    sys.exit(main())
