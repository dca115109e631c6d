"""From a dataset to out-of-fold probabilities and a final model."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from train.data.dataset import Dataset
from train.errors import TooFewClients
from train.fitting.boosting import Boosting, Choice, Progress, probability
from train.fitting.folds import Outcomes, Rows, Split, folds
from train.fitting.plan import Plan
from train.fitting.selection import selected

__all__ = [
    "Choice",
    "CrossValidated",
    "Fitted",
    "Outcomes",
    "Plan",
    "Progress",
    "check_outcomes",
    "cross_validate",
    "crossings",
    "finish",
    "fit",
    "fits",
    "splits",
]


@dataclass(frozen=True)
class Fitted:
    """Out-of-fold probabilities of default, shape (clients,), and the model on all clients.

    `out_of_fold` is the mean of the repeats in `by_repeat`, shape (repeats, clients); `fold_of`,
    of the same shape, is the fold in which each client was judged. `folds` are the choices of the
    folds, `chosen` is what the final model was fitted with, and `dataset` what it was fitted on:
    all clients, with the columns that it uses.
    """

    out_of_fold: Vector
    by_repeat: Matrix
    fold_of: npt.NDArray[np.int64]
    folds: tuple[Choice, ...]
    chosen: Choice
    dataset: Dataset
    estimator: lgb.LGBMClassifier


@dataclass(frozen=True)
class CrossValidated:
    """What `Fitted` says of the folds."""

    by_repeat: Matrix
    fold_of: npt.NDArray[np.int64]
    folds: tuple[Choice, ...]

    @property
    def out_of_fold(self) -> Vector:
        """Probabilities of default, shape (clients,)."""
        mean: Vector = self.by_repeat.mean(axis=0)
        return mean


def fit(dataset: Dataset, plan: Plan, progress: Progress) -> Fitted:
    """Cross-validates, then fits on all clients with the median choice of the folds."""
    return finish(dataset, plan, cross_validate(dataset, plan, progress), progress)


def cross_validate(
    dataset: Dataset, plan: Plan, progress: Progress, how: str = ""
) -> CrossValidated:
    """Judges every client by a model that did not learn from them.

    In each fold, selecting columns and stopping look at the training rows, never at the fold; the
    model is then fitted again on all training rows with what was chosen. `progress` is told each
    step's name, with `how` the plan differs, and the rounds it has done.
    """
    shape = (plan.repeats, len(dataset.defaulted))
    by_repeat, fold_of = np.full(shape, np.nan), np.full(shape, -1)
    choices = []
    for repeat in range(plan.repeats):
        seeded = replace(plan, seed=plan.seed + repeat)
        for number, (rows, fold) in enumerate(splits(dataset, seeded)):
            name = f"fold {number + 1} of {plan.folds}"
            if plan.repeats > 1:
                name += f", repeat {repeat + 1} of {plan.repeats}"
            name += f", {how}" * bool(how)
            choice, by_repeat[repeat, fold] = judge(dataset, seeded, rows, fold, progress, name)
            choices.append(choice)
            fold_of[repeat, fold] = number
    return CrossValidated(by_repeat, fold_of, tuple(choices))


def splits(dataset: Dataset, plan: Plan) -> Iterator[Split]:
    """The folds of one cross-validation under `plan`; where it is repeated, of the first."""
    return folds(dataset.defaulted, dataset.persons, plan.folds, plan.seed)


def finish(dataset: Dataset, plan: Plan, crossed: CrossValidated, progress: Progress) -> Fitted:
    """The final model, on all clients, with the median choice of the folds."""
    chosen = _median([*crossed.folds])
    final = _final(dataset, plan, chosen, progress)
    return Fitted(
        crossed.out_of_fold, crossed.by_repeat, crossed.fold_of, crossed.folds, chosen, *final
    )


def judge(
    dataset: Dataset, plan: Plan, rows: Rows, fold: Rows, progress: Progress, name: str
) -> tuple[Choice, Vector]:
    """What `rows` alone led to, and its probabilities for the clients of `fold`."""
    progress(f"{name}, columns", 0)
    dataset = selected(dataset, rows, plan)
    boosting = Boosting(dataset, plan, progress)
    choice = boosting.choose(rows, name)
    return choice, probability(boosting.fit(rows, choice, name), dataset, fold)


def _final(
    dataset: Dataset, plan: Plan, chosen: Choice, progress: Progress
) -> tuple[Dataset, lgb.LGBMClassifier]:
    """The model on all clients, fitted anew as long as there are columns that it does not use."""
    name = "all clients"
    rows = np.arange(len(dataset.defaulted))
    progress(f"{name}, columns", 0)
    dataset = selected(dataset, rows, plan)
    while True:
        model = Boosting(dataset, plan, progress).fit(rows, chosen, name)
        used = np.flatnonzero(model.booster_.feature_importance("split"))
        if len(used) in (0, len(dataset.columns)):
            return dataset, model
        dataset = dataset.restricted_to(used)


def _median(choices: list[Choice]) -> Choice:
    """The kind of trees that most folds chose, with the median of their rounds and losses."""
    extra_trees = 2 * sum(choice.extra_trees for choice in choices) > len(choices)
    agreeing = [choice for choice in choices if choice.extra_trees == extra_trees]
    return Choice(
        extra_trees,
        int(np.median([choice.rounds for choice in agreeing])),
        float(np.median([choice.loss for choice in agreeing])),
    )


def check_outcomes(dataset: Dataset, plan: Plan) -> None:
    """Raises TooFewClients if a fold, or the part of it used for stopping, may lack an outcome."""
    rarest = int(min(np.count_nonzero(dataset.defaulted == outcome) for outcome in (0, 1)))
    if rarest < 2 * plan.folds:
        raise TooFewClients(rarest, plan.folds)


def fits(plan: Plan) -> int:
    """How many steps `progress` hears of in one call of `fit`, where both kinds of trees are tried
    and a sample is not needed: four in a fold, two for the final model."""
    return crossings(plan) + 2


def crossings(plan: Plan) -> int:
    """Those of a cross-validation alone."""
    return 4 * plan.folds * plan.repeats
