"""Whether a new version may become champion."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from scoring_model.contract import Vector
from train.evaluation.intervals import COVERAGE, RESAMPLES, resamples
from train.gate import statistics
from train.gate.case import Case, Champion, Limits, Reloaded, Scores
from train.gate.statistics import Statistic
from train.gate.verdict import Check, Verdict


def judge(case: Case, limits: Limits, seed: int, count: int = RESAMPLES) -> Verdict:
    """Holds the new model against the champion and the limits.

    Every resample of the clients judges both models, so that the intervals are of paired
    differences. With the same case and seed the verdict is the same.
    """
    measured = _Measured(case, seed, count)
    checks = [*_reloaded(case.reloaded), *_against_champion(case, limits, measured)]
    checks += [_calibration(limits, measured), *_fair(case, limits, measured)]
    champion = case.champion
    return Verdict(
        checks=tuple(checks),
        basis=case.basis,
        clients=len(case.defaulted),
        champion=champion.version if champion else None,
        limits=limits,
        notes=(*_of_champion(champion), _of_intervals(seed, count)),
    )


def _of_champion(champion: Champion | None) -> Iterator[str]:
    if champion:
        yield f"The champion's scores: {champion.how}."


def _of_intervals(seed: int, count: int) -> str:
    return (
        f"Intervals are of {count:,} stratified bootstrap resamples of the clients (seed {seed}), "
        "each of which judges both models. A check fails where its whole interval lies beyond the "
        "limit; where a part of it does, it passes, and is not sure: more clients would tell."
    )


@dataclass(frozen=True)
class _Estimate:
    """A statistic of all clients, and of each resample; `bounds` are what it can be,
    which the interval of a difference need not heed."""

    value: float
    drawn: Vector
    bounds: tuple[float, float] = (-np.inf, np.inf)

    def __sub__(self, other: "_Estimate") -> "_Estimate":
        return _Estimate(self.value - other.value, self.drawn - other.drawn)

    def __truediv__(self, by: float) -> "_Estimate":
        return _Estimate(self.value / by, self.drawn / by)

    @property
    def interval(self) -> tuple[float, float]:
        """The percentiles of the resamples in which the statistic exists, less their bias: the
        worst of several groups looks worse in a resample than it is."""
        drawn = self.drawn[np.isfinite(self.drawn)]
        if not len(drawn):
            return self.value, self.value
        tail = (1 - COVERAGE) / 2
        low, high = np.quantile(drawn - np.mean(drawn) + self.value, (tail, 1 - tail))
        return max(float(low), self.bounds[0]), min(float(high), self.bounds[1])


class _Measured:
    """Estimates by (statistic, model), all from the same resamples."""

    def __init__(self, case: Case, seed: int, count: int) -> None:
        names = dict(_statistics(case))
        with threadpool_limits(1):  # more threads only get into each other's way here
            drawn = np.array(
                [
                    [statistic(weights) for statistic in names.values()]
                    for weights in resamples(case.defaulted, count, seed)
                ]
            )
        once = np.ones(len(case.defaulted), dtype=np.int64)
        self._estimates = {
            name: _Estimate(statistic(once), drawn[:, column], _bounds(name))
            for column, (name, statistic) in enumerate(names.items())
        }

    def __call__(self, name: str, champion: bool = False) -> _Estimate:
        return self._estimates[_key(name, champion)]

    def __contains__(self, name: str) -> bool:
        return _key(name, False) in self._estimates


def _bounds(name: str) -> tuple[float, float]:
    """A cost may be anything from 0; all else is a probability, a share or a difference of such."""
    return 0.0, np.inf if name.startswith("cost") else 1.0


def _key(name: str, champion: bool) -> str:
    return f"{name} of champion" if champion else name


def _statistics(case: Case) -> Iterator[tuple[str, Statistic]]:
    yield "calibration", statistics.calibration_error(case.defaulted, case.challenger)
    for grouping in case.groupings:
        gap = statistics.group_calibration_error(case.defaulted, case.challenger, grouping)
        if gap:
            yield f"gap {grouping.name}", gap
    yield from _of_model(case, case.challenger, champion=False)
    if case.champion and case.champion.scores:
        yield from _of_model(case, case.champion.scores, champion=True)


def _of_model(case: Case, scores: Scores, champion: bool) -> Iterator[tuple[str, Statistic]]:
    """What is measured of the champion too."""
    yield _key("auc", champion), statistics.auc(case.defaulted, scores)
    yield _key("cost", champion), statistics.cost(case.defaulted, scores, case.cost_ratio)
    for grouping in case.groupings:
        ratio = statistics.acceptance_ratio(case.defaulted, scores, grouping)
        if ratio:
            yield _key(f"ratio {grouping.name}", champion), ratio


def _reloaded(reloaded: Reloaded | None) -> Iterator[Check]:
    if reloaded:
        differing, clients = reloaded.differing, reloaded.clients
        says = f"loaded back through MLflow, {differing:,} of {clients:,} clients score otherwise"
        yield Check("same_scores", not differing, says, float(differing), limit=0.0)


def _against_champion(case: Case, limits: Limits, measured: _Measured) -> Iterator[Check]:
    champion: Champion | None = case.champion
    if not champion:
        return
    if not champion.scores:
        says = f"champion version {champion.version} cannot be compared with: {champion.how}"
        yield Check("champion_scores", False, says)
        return
    before = measured("cost", champion=True).value
    rise = (measured("cost") - measured("cost", champion=True)) / (before or 1.0)
    said = f"business cost against {before:.4f} of the champion"
    cost = _at_most("business_cost", rise, limits.cost, said)
    yield _unless_gross(cost, rise.value, max(limits.cost, limits.gross_cost))
    before = measured("auc", champion=True).value
    change = measured("auc") - measured("auc", champion=True)
    auc = _at_least("auc", change, -limits.auc, f"AUC against {before:.4f} of the champion")
    yield _unless_gross(auc, -change.value, max(limits.auc, limits.gross_auc))


def _unless_gross(check: Check, loss: float, gross: float) -> Check:
    """Refused, too, where chance could explain so great a loss: too few clients are no excuse."""
    if not check.passed or loss <= gross:
        return check
    more = f"more than {gross:g} worse however few the clients"
    return replace(
        check, passed=False, sure=True, says=f"{check.says}: {more}", asks=f"{check.asks}; {more}"
    )


def _calibration(limits: Limits, measured: _Measured) -> Check:
    return _at_most("calibration", measured("calibration"), limits.calibration, "calibration error")


def _fair(case: Case, limits: Limits, measured: _Measured) -> Iterator[Check]:
    for grouping in case.groupings:
        name, said_of = grouping.name, f"{grouping.attribute} ({grouping.column})"
        if f"ratio {name}" not in measured:
            continue
        gap = measured(f"gap {name}")
        said = f"calibration error in the worst group by {said_of}"
        yield _at_most(f"calibration_by_{name}", gap, limits.group_calibration, said)
        ratio = measured(f"ratio {name}")
        if grouping.alike:
            said = f"least ratio of acceptance by {said_of}"
            yield _at_least(f"acceptance_by_{name}", ratio, limits.ratio, said)
        if case.champion and case.champion.scores:
            change = ratio - measured(f"ratio {name}", champion=True)
            said = f"ratio of acceptance by {said_of} against the champion's"
            yield _at_least(f"acceptance_change_by_{name}", change, -limits.ratio_drop, said)


def _at_most(name: str, found: _Estimate, limit: float, said: str) -> Check:
    low, high = found.interval
    within = (low <= limit, high <= limit)
    return _check(name, within, found.value, (low, high), limit, f"{said}: at most")


def _at_least(name: str, found: _Estimate, limit: float, said: str) -> Check:
    low, high = found.interval
    within = (low >= limit, high >= limit)
    return _check(name, within, found.value, (low, high), limit, f"{said}: at least")


def _check(
    name: str,
    within: tuple[bool, bool],
    value: float,
    ends: tuple[float, float],
    limit: float,
    said: str,
) -> Check:
    """Passed if either end of the interval is within the limit, surely so if both are."""
    low, high = ends
    asks = f"{said} {limit:g}"
    says = f"{asks} wanted, found {value:.4f} (95 % from {low:.4f} to {high:.4f})"
    sure = within[0] == within[1]
    return Check(name, any(within), says, value, low, high, limit, sure, asks)
