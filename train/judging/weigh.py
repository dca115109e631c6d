"""What a model could have had or was denied, weighed against the model without and with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from scoring_model.derive.neighbours import Neighbours
from train.dataset import Dataset
from train.fitting.boosting import Progress
from train.fitting.fit import CrossValidated, Fitted, cross_validate, finish, splits
from train.fitting.neighbours import check_neighbours, values_of
from train.fitting.plan import Plan
from train.judging.contrast import Change, Weighed, contrast
from train.request import Request

LEAST_GAIN = 0.0005
"""The AUC that a family must surely add, for it makes every caller and every release pay: as much
as the published models of Home Credit lose by sending 125 columns instead of 1,652."""
MOST_MICROSECONDS = 500.0
"""What it may cost for one client: a score takes some hundred microseconds without it."""
LEAST_GAIN_OF_ROWS = 0.001
"""The same for columns that the service cannot make: every caller has to run models over rows."""
MOST_MEGABYTES = 20.0
"""What it may add to the model's files."""
TIMED = 300


def fit_weighed(
    dataset: Dataset, plan: Plan, request: Request, progress: Progress
) -> tuple[Fitted, Plan, tuple[Weighed, ...]]:
    """The model, the plan that it was fitted by, and what was tried on the way.

    Each family that is to be tried is cross-validated on top of what was kept before it, and the
    model is finished that the rules choose. Raises NoNeighbours before anything is fitted.
    """
    if request.neighbours:
        check_neighbours(dataset)
    crossed = cross_validate(dataset, plan, progress)
    weighed: tuple[Weighed, ...] = ()
    for family, verdict in _families(request):
        more: dict[str, Any] = {family: True}
        wider = replace(plan, **more)
        name = f"with {family.replace('_', ' ')}"
        added = cross_validate(dataset, wider, progress, name)
        found, kept = verdict(dataset, plan, request, (crossed, added))
        weighed += (found,)
        plan, crossed = (wider, added) if kept else (plan, crossed)
    return finish(dataset, plan, crossed, progress), plan, weighed


def exclusion(
    kept: Dataset, fitted: Fitted, plan: Plan, request: Request, progress: Progress
) -> Weighed:
    """What it changes to leave out the columns that the user excluded: `kept` has them.

    A second cross-validation in the folds of the first one, nested like it, with the
    hyperparameters and the kind of trees that were chosen without the columns.
    """
    trees = replace(plan.hyperparameters, extra_trees=fitted.chosen.extra_trees)
    asked = replace(plan, repeats=1, hyperparameters=trees)
    crossed = cross_validate(kept, asked, progress, "nothing excluded")
    probabilities = crossed.out_of_fold, fitted.by_repeat[0]
    auc, cost = contrast(
        kept.defaulted, probabilities, splits(kept, plan), request.cost_ratio, plan.seed
    )
    return Weighed("exclude", f"leaving out {', '.join(request.exclude)}", auc, cost)


Crossed = tuple[CrossValidated, CrossValidated]
"""Without a family, and with it."""

Judge = Callable[[Dataset, Plan, Request, Crossed], tuple[Weighed, bool]]


def _families(request: Request) -> Iterator[tuple[str, Judge]]:
    """What is to be tried, as the plan calls it, and by which rule it is kept."""
    if request.neighbours:
        yield "neighbours", _neighbours
    if request.row_models:
        yield "row_models", _row_models


def _changes(
    dataset: Dataset, plan: Plan, request: Request, crossed: Crossed
) -> tuple[Change, Change]:
    probabilities = crossed[0].out_of_fold, crossed[1].out_of_fold
    folded = splits(dataset, plan)
    return contrast(dataset.defaulted, probabilities, folded, request.cost_ratio, plan.seed)


def _neighbours(
    dataset: Dataset, plan: Plan, request: Request, crossed: Crossed
) -> tuple[Weighed, bool]:
    auc, cost = _changes(dataset, plan, request, crossed)
    microseconds, megabytes = _serving(dataset)
    kept, why = pays(auc, microseconds, megabytes)
    return Weighed(
        "neighbours",
        "the default rate of the nearest clients as a column",
        auc,
        cost,
        f"{'kept' if kept else 'left out'}, {why}",
        {"microseconds": microseconds, "megabytes": megabytes, "kept": float(kept)},
    ), kept


def _row_models(
    dataset: Dataset, plan: Plan, request: Request, crossed: Crossed
) -> tuple[Weighed, bool]:
    auc, cost = _changes(dataset, plan, request, crossed)
    kept = auc.low > LEAST_GAIN_OF_ROWS
    columns = sum(len(encoded.table.columns) for encoded in dataset.history)
    why = (
        f"for up to {columns} columns that callers have to make by models of rows, while the "
        f"service itself does nothing more: kept is what surely adds more than "
        f"{LEAST_GAIN_OF_ROWS:g} to AUC"
    )
    return Weighed(
        "row_models",
        "scores of single earlier applications and credits as columns",
        auc,
        cost,
        f"{'kept' if kept else 'left out'}, {why}",
        {"columns": float(columns), "kept": float(kept)},
    ), kept


def pays(auc: Change, microseconds: float, megabytes: float) -> tuple[bool, str]:
    """Whether a gain is worth what it costs for each client and in the model's files, and why."""
    kept = (
        auc.low > LEAST_GAIN and microseconds <= MOST_MICROSECONDS and megabytes <= MOST_MEGABYTES
    )
    return kept, (
        f"for {microseconds:.0f} microseconds a client and {megabytes:.2f} MB: kept is what surely "
        f"adds more than {LEAST_GAIN:g} to AUC for up to {MOST_MICROSECONDS:g} microseconds and "
        f"{MOST_MEGABYTES:g} MB"
    )


def _serving(dataset: Dataset) -> tuple[float, float]:
    """Microseconds for one client (the median of some), and megabytes in the model's files."""
    values = values_of(dataset)
    neighbours = Neighbours.fit(values, dataset.defaulted)
    times = []
    for client in values[:: max(1, len(values) // TIMED)]:
        start = perf_counter()
        neighbours.rate(client[:, None])
        times.append(perf_counter() - start)
    return float(np.median(times[1:] or times)) * 1e6, neighbours.bytes / 1e6
