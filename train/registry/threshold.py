"""A registered version with another threshold: a new version, from stored scores."""

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from scoring_model.artifacts import FILES, read_threshold
from scoring_model.contract import Vector
from scoring_model.decision import accepted, business_cost, solvency
from train.data.provenance import Provenance
from train.evaluation.clients import HOLDOUT, OUT_OF_FOLD, Scored
from train.evaluation.fairness import Fairness, fairness
from train.evaluation.metrics import lent_unseen
from train.evaluation.threshold import cost_curve
from train.fitting.folds import folds
from train.gate import Case, Limits, Reloaded, Scores, judge
from train.registry import evidence, loaded_model, logged_model, runs, versions
from train.registry.comparison import TARGET, champion
from train.registry.errors import NoScores
from train.registry.promotion import Candidate, Policy, Publication, publish
from train.report.card import Changed, render_changed

CROSS_FITTED = 5
"""Folds in which decisions are cross-fitted, where the threshold was chosen on stored scores."""


@dataclass(frozen=True)
class Change:
    """Which version gets which threshold, why, and what becomes of the result.

    `threshold` None stands for the one of least cost at `cost_ratio`.
    """

    name: str
    version: str
    cost_ratio: float
    threshold: float | None
    why: str
    limits: Limits
    seed: int
    promote: Policy
    export: Path
    provenance: Provenance


@dataclass(frozen=True)
class _Origin:
    """The version to start from: its model's files, and its stored scores."""

    version: versions.Version
    fetched: loaded_model.Fetched
    out_of_fold: Scored
    aside: Scored | None
    threshold: float


def change_threshold(change: Change, run_id: str, folder: Path) -> Publication:
    """Logs the version's model with the new threshold in the active run, judges and registers it.

    Nothing is fitted: files, code and scores are those of the version. Raises NoVersion, and
    NoScores if its run kept none.
    """
    before = versions.champion(change.name)
    origin = _origin(change, folder)
    threshold = change.threshold
    if threshold is None:
        threshold = _cheapest(origin.out_of_fold, change.cost_ratio)
    origin = _decided(origin, threshold, change)
    logged, reloaded = _log(origin, threshold, folder)
    case = _case(origin, threshold, before, reloaded, change.cost_ratio)
    candidate = Candidate(
        uri=logged.uri,
        name=change.name,
        run_id=run_id,
        verdict=judge(case, change.limits, change.seed),
        before=before.number if before else None,
        tags=_tags(change, origin.version, threshold, logged.digest),
        card=partial(render_changed, _changed(change, origin, threshold, run_id, logged)),
        export=change.export,
    )
    return publish(candidate, change.promote)


def _origin(change: Change, folder: Path) -> _Origin:
    version = versions.version(change.name, change.version)
    out_of_fold = evidence.scored(version, OUT_OF_FOLD)
    if out_of_fold is None:
        raise NoScores(version.name, version.number, OUT_OF_FOLD)
    fetched = loaded_model.fetch(version.uri, folder)
    threshold = read_threshold(fetched.folder / "artifacts" / FILES["best_threshold"])
    return _Origin(version, fetched, out_of_fold, evidence.scored(version, HOLDOUT), threshold)


def _cheapest(scored: Scored, cost_ratio: float) -> float:
    solvencies = solvency(scored.probability)
    return cost_curve(scored.clients.defaulted, solvencies, cost_ratio).best


def _decided(origin: _Origin, threshold: float, change: Change) -> _Origin:
    """With decisions at the new threshold; out of fold with cross-fitted ones, if the threshold was
    chosen on these clients."""
    scored, aside = origin.out_of_fold, origin.aside
    clients, solvencies = scored.clients, solvency(scored.probability)
    lent = accepted(solvencies, threshold)
    if change.threshold is None:
        parts = folds(clients.defaulted, clients.persons, CROSS_FITTED, change.seed)
        lent = lent_unseen(clients.defaulted, solvencies, parts, change.cost_ratio)
    if aside:
        aside = replace(aside, lent=accepted(solvency(aside.probability), threshold))
    return replace(origin, out_of_fold=replace(scored, lent=lent), aside=aside)


def _log(origin: _Origin, threshold: float, folder: Path) -> tuple[logged_model.Logged, Reloaded]:
    """Logs model and scores anew; holds the new model's score of its example against the old."""
    records = json.loads((origin.fetched.folder / "input_example.json").read_text("utf-8"))
    example = pd.DataFrame(records)
    expected = _solvencies(origin.fetched, example)
    logged = logged_model.log_changed(origin.fetched.folder, threshold)
    evidence.log_scored(origin.out_of_fold, OUT_OF_FOLD)
    if origin.aside:
        evidence.log_scored(origin.aside, HOLDOUT)
    found = _solvencies(loaded_model.fetch(logged.uri, folder / "again"), example)
    return logged, Reloaded(len(example), int(np.count_nonzero(found != expected)))


def _case(
    origin: _Origin,
    threshold: float,
    before: versions.Version | None,
    reloaded: Reloaded,
    cost_ratio: float,
) -> Case:
    judged = origin.aside or origin.out_of_fold
    basis = "holdout" if origin.aside else "out of fold"
    return Case(
        defaulted=judged.clients.defaulted,
        groupings=judged.clients.groupings,
        basis=f"{basis}, stored with version {origin.version.number}",
        challenger=Scores(judged.probability, threshold, judged.lent),
        champion=champion(before, judged.clients),
        reloaded=reloaded,
        cost_ratio=cost_ratio,
        persons=judged.clients.persons,
    )


def _changed(
    change: Change, origin: _Origin, threshold: float, run_id: str, logged: logged_model.Logged
) -> Changed:
    thresholds = origin.threshold, threshold
    return Changed(
        name=change.name,
        version=origin.version.number,
        why=change.why,
        provenance=change.provenance,
        run_id=run_id,
        model_digest=logged.digest,
        cost_ratio=change.cost_ratio,
        thresholds=thresholds,
        decisions=_decisions(origin.out_of_fold, thresholds, change.cost_ratio),
        fairness=_fairness(origin.out_of_fold, threshold),
        original=evidence.text(origin.version, "model_card.md"),
    )


def _solvencies(fetched: loaded_model.Fetched, example: pd.DataFrame) -> Vector:
    answers = loaded_model.load(fetched, threads=1).predict(example, {})
    return answers["solvency"].to_numpy(dtype=np.float64)


def _decisions(
    scored: Scored, thresholds: tuple[float, float], cost_ratio: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Business cost and accepted share at the old and at the new threshold, out of fold."""
    old, new = (accepted(solvency(scored.probability), threshold) for threshold in thresholds)
    defaulted = scored.clients.defaulted
    costs = [business_cost(defaulted, lent, cost_ratio) for lent in (old, new)]
    shares = [float(np.mean(lent)) for lent in (old, new)]
    runs.log_results({"business_cost": costs[1], "accepted_share": shares[1]}, {})
    return (costs[0], shares[0]), (costs[1], shares[1])


def _fairness(scored: Scored, threshold: float) -> Fairness:
    lent = Scores(scored.probability, threshold).lent
    clients = scored.clients
    found = fairness(clients.defaulted, scored.probability, lent, clients.groupings)
    evidence.log_fairness(found, None)
    return found


def _tags(change: Change, old: versions.Version, threshold: float, digest: str) -> dict[str, str]:
    """Those of the old version that still hold, and from which, by whom, when and why."""
    kept = {
        name: old.tags[name] for name in ("data_digest", "git_commit", TARGET) if name in old.tags
    }
    return kept | {
        "model_digest": digest,
        "threshold": f"{threshold!r}",
        "cost_ratio": f"{change.cost_ratio:g}",
        "threshold_changed_from_version": old.number,
        "threshold_changed_by": change.provenance.user,
        "threshold_changed_at": change.provenance.time,
        "threshold_changed_why": change.why or "not stated",
    }
