"""Whether a new version may become champion."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from train.evaluation.intervals import RESAMPLES, Estimate, Statistic, auc_of, bootstrap, mean_of
from train.evaluation.threshold import business_costs
from train.gate import statistics
from train.gate.case import Case, Champion, Check, Limits, Verdict
from train.gate.statistics import Groups

Measured = dict[str, Estimate]
"""Estimates by name, all from the same resamples; the champion's end in OF_CHAMPION."""
OF_CHAMPION = " of champion"


def judge(case: Case, limits: Limits, seed: int, count: int = RESAMPLES) -> Verdict:
    """Holds the new model against the champion, against no model and the limits.

    Every resample of the clients judges both models, so that the intervals are of paired
    differences. With the same case and seed the verdict is the same.
    """
    clients, champion = case.clients, case.champion
    asked = dict(_statistics(case))
    measured = bootstrap(asked, len(clients.defaulted), clients.persons, seed, count)
    calibration = measured["calibration"]
    checks = [
        _reloaded(case),
        *(_against_champion(champion, limits, measured) if champion else ()),
        _against_no_model(measured["no model"]),
        _check("calibration", calibration, "calibration error", limits.calibration),
        *_fair(case, limits, measured),
    ]
    return Verdict(
        checks=tuple(_strictly(check) if limits.strict else check for check in checks),
        basis=case.basis,
        clients=len(clients.defaulted),
        champion=champion.version if champion else None,
        limits=limits,
        notes=(*_notes(case, measured), _of_intervals(limits, seed, count)),
    )


def _notes(case: Case, measured: Measured) -> Iterator[str]:
    if case.champion:
        yield f"The champion's scores: {case.champion.how}."
    for grouping in case.clients.groupings:
        if not _comparable(measured.get(f"ratio {grouping.name}")):
            yield (
                f"Not compared by {grouping.attribute} ({grouping.column}): fewer than two groups"
                " are large enough to say anything."
            )


def _of_intervals(limits: Limits, seed: int, count: int) -> str:
    fails = "any part of its interval" if limits.strict else "its whole interval"
    unsure = "" if limits.strict else "; where a part of it does, it passes, and is not sure"
    return (
        f"Intervals are of {count:,} bootstrap resamples of the clients (seed {seed}), each of "
        f"which judges both models. A check fails where {fails} lies beyond the limit{unsure}."
    )


def _statistics(case: Case) -> Iterator[tuple[str, Statistic]]:
    defaulted, new, ratio = case.clients.defaulted, case.challenger, case.cost_ratio
    yield "calibration", statistics.calibration_error(defaulted, new)
    yield "no model", statistics.cost_against_no_model(defaulted, new, ratio)
    models = {"": new}
    if case.champion and case.champion.scores:
        models[OF_CHAMPION] = case.champion.scores
    for end, scores in models.items():
        yield f"auc{end}", auc_of(defaulted, scores.probability)
        yield f"cost{end}", mean_of(business_costs(defaulted, scores.lent, ratio))
    for grouping in case.clients.groupings:
        groups = Groups.large(defaulted, new, grouping)
        if groups.count < 2:
            continue
        gap = statistics.group_calibration_error(defaulted, new, groups)
        yield f"gap {grouping.name}", gap
        for end, scores in models.items():
            yield f"ratio {grouping.name}{end}", statistics.acceptance_ratio(scores, groups)


def _reloaded(case: Case) -> Check:
    clients, differing = case.reloaded
    says = f"loaded back through MLflow, {differing:,} of {clients:,} clients score otherwise"
    return Check("same_scores", not differing, says, float(differing), limit=0.0)


def _against_champion(champion: Champion, limits: Limits, measured: Measured) -> Iterator[Check]:
    if not champion.scores:
        says = f"champion version {champion.version} cannot be compared with: {champion.how}"
        yield Check("champion_scores", False, says)
        return
    before = measured["cost" + OF_CHAMPION]
    rise = (measured["cost"] - before) / (before.value or 1.0)
    said = f"business cost against {before.value:.4f} of the champion"
    cost = _check("business_cost", rise, said, limits.cost)
    yield _unless_gross(cost, rise.value, max(limits.cost, limits.gross_cost))
    before = measured["auc" + OF_CHAMPION]
    change = measured["auc"] - before
    said = f"AUC against {before.value:.4f} of the champion"
    auc = _check("auc", change, said, -limits.auc, "at least")
    yield _unless_gross(auc, -change.value, max(limits.auc, limits.gross_auc))


def _unless_gross(check: Check, loss: float, gross: float) -> Check:
    """Refused, too, where chance could explain so great a loss: too few clients are no excuse."""
    if not check.passed or loss <= gross:
        return check
    more = f"more than {gross:g} worse however few the clients"
    return replace(
        check, passed=False, sure=True, says=f"{check.says}: {more}", asks=f"{check.asks}; {more}"
    )


def _against_no_model(found: Estimate) -> Check:
    """Refused where the measured cost is no less, too: what saves nothing is no model."""
    said = "business cost against lending to all or to none, the cheaper"
    check = _check("business_cost_no_model", found, said, 0.0)
    if not check.passed or found.value < 0:
        return check
    return replace(check, passed=False, says=f"{check.says}: it saves nothing")


def _fair(case: Case, limits: Limits, measured: Measured) -> Iterator[Check]:
    for grouping in case.clients.groupings:
        name, said_of = grouping.name, f"{grouping.attribute} ({grouping.column})"
        ratio = measured.get(f"ratio {name}")
        if ratio is None or not _comparable(ratio):
            continue
        said = f"calibration error in the worst group by {said_of}"
        gap = measured[f"gap {name}"]
        yield _check(f"calibration_by_{name}", gap, said, limits.group_calibration)
        if grouping.alike:
            said = f"least ratio of acceptance by {said_of}"
            yield _check(f"acceptance_by_{name}", ratio, said, limits.ratio, "at least", 1.0)
        if before := measured.get(f"ratio {name}{OF_CHAMPION}"):
            said = f"ratio of acceptance by {said_of} against the champion's"
            name = f"acceptance_change_by_{name}"
            yield _check(name, ratio - before, said, -limits.ratio_drop, "at least")


def _comparable(ratio: Estimate | None) -> bool:
    """Whether the ratio of acceptance is a finding: its interval does not reach below 0."""
    return ratio is not None and ratio.interval.low >= 0


def _check(
    name: str,
    found: Estimate,
    said: str,
    limit: float,
    wanted: Literal["at most", "at least"] = "at most",
    highest: float = np.inf,
) -> Check:
    """Passed if either end of the interval is within the limit, surely so if both are; a ratio is
    `highest` 1."""
    value, low, high = found.interval
    high = min(high, highest)
    within = [end <= limit if wanted == "at most" else end >= limit for end in (low, high)]
    asks = f"{said}: {wanted} {limit:g}"
    says = f"{asks} wanted, found {value:.4f} (95 % from {low:.4f} to {high:.4f})"
    return Check(name, any(within), says, value, low, high, limit, within[0] == within[1], asks)


def _strictly(check: Check) -> Check:
    """Refused where the data cannot show that it holds."""
    return check if check.sure else replace(check, passed=False, sure=True)
