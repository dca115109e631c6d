"""From a dataset to out-of-fold probabilities and a final model."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from train.data.dataset import Dataset
from train.errors import TrainError
from train.fitting.boosting import Boosting, Choice, Progress, probability
from train.fitting.folds import Rows, Split, folds, folds_in_time, rarest
from train.fitting.plan import Plan
from train.fitting.selection import selected


@dataclass(frozen=True)
class CrossValidated:
    """Probabilities of default that each client got from a model that did not learn from them.

    `rows` are the positions of the clients that were judged: all, or with folds in time those
    after the first block. `by_repeat` holds their probabilities and `fold_of` the folds that they
    were judged in, both of shape (repeats, rows). `choices` are what stopping chose in each fold,
    `psi` the mean population stability index of the folds' scores, training rows against judged.
    """

    rows: Rows
    by_repeat: Matrix
    fold_of: npt.NDArray[np.int64]
    choices: tuple[Choice, ...]
    psi: float

    @property
    def out_of_fold(self) -> Vector:
        """Those of the first repeat, shape (rows,): of single models, as the shipped one is."""
        first: Vector = self.by_repeat[0]
        return first

    @property
    def splits(self) -> tuple[Split, ...]:
        """For each fold of the first repeat the other clients judged, and those judged in it.

        Positions are among `rows`.
        """
        of = self.fold_of[0]
        return tuple((np.flatnonzero(of != f), np.flatnonzero(of == f)) for f in np.unique(of))


@dataclass(frozen=True)
class Fitted:
    """The cross-validation and the model on all clients.

    `chosen` is what the model was fitted with: the kind of trees that most folds chose, with the
    median of their rounds and losses. `dataset` is what it was fitted on: all clients, with the
    columns that it uses.
    """

    crossed: CrossValidated
    chosen: Choice
    dataset: Dataset
    estimator: lgb.LGBMClassifier


def fit(dataset: Dataset, plan: Plan, progress: Progress) -> Fitted:
    """Cross-validates, then fits on all clients with the median choice of the folds, again as long
    as there are columns that the model does not use."""
    crossed = cross_validate(dataset, plan, progress)
    choices = crossed.choices
    extra_trees = 2 * sum(choice.extra_trees for choice in choices) > len(choices)
    agreeing = [choice for choice in choices if choice.extra_trees == extra_trees]
    rounds = int(np.median([choice.rounds for choice in agreeing]))
    loss = float(np.median([choice.loss for choice in agreeing]))
    chosen = Choice(extra_trees, rounds, loss)
    name, rows = "all clients", np.arange(len(dataset.defaulted))
    progress(f"{name}, columns", 0)
    dataset = selected(dataset, rows, plan)
    while True:
        model = Boosting(dataset, plan, progress).fit(rows, chosen, name)
        used = np.flatnonzero(model.booster_.feature_importance("split"))
        if len(used) in (0, len(dataset.columns)):
            return Fitted(crossed, chosen, dataset, model)
        dataset = dataset.restricted_to(used)


def cross_validate(
    dataset: Dataset, plan: Plan, progress: Progress, how: str = ""
) -> CrossValidated:
    """Judges clients by models that did not learn from them.

    In each fold, selecting columns and stopping look at the training rows, never at the fold; the
    model is then fitted again on all training rows with what was chosen. `progress` gets each
    step's name, with `how` the plan differs, and the rounds it has done.
    """
    rows = judged_rows(dataset, plan)
    shape = (plan.repeats, len(dataset.defaulted))
    by_repeat, fold_of = np.full(shape, np.nan), np.full(shape, -1)
    choices, stability = [], []
    for repeat in range(plan.repeats):
        seeded = replace(plan, seed=plan.seed + repeat)
        for number, (learned, fold) in enumerate(_splits(dataset, seeded)):
            name = f"fold {number + 1} of {plan.folds}"
            if plan.repeats > 1:
                name += f", repeat {repeat + 1} of {plan.repeats}"
            name += f", {how}" * bool(how)
            choice, found, psi = judge(dataset, seeded, learned, fold, progress, name)
            by_repeat[repeat, fold], fold_of[repeat, fold] = found, number
            choices.append(choice)
            stability.append(psi)
    mean_psi = float(np.mean(stability))
    return CrossValidated(rows, by_repeat[:, rows], fold_of[:, rows], tuple(choices), mean_psi)


def _splits(dataset: Dataset, plan: Plan) -> Iterator[Split]:
    """The folds of one cross-validation under `plan`: in time where the dataset has times."""
    if dataset.times is not None:
        return folds_in_time(dataset.defaulted, dataset.persons, dataset.times, plan.folds)
    return folds(dataset.defaulted, dataset.persons, plan.folds, plan.seed)


def judged_rows(dataset: Dataset, plan: Plan) -> Rows:
    """Positions of the clients that a cross-validation judges, in ascending order."""
    if dataset.times is None:
        return np.arange(len(dataset.defaulted))
    return np.sort(np.concatenate([judged for _, judged in _splits(dataset, plan)]))


def judge(
    dataset: Dataset, plan: Plan, rows: Rows, fold: Rows, progress: Progress, name: str
) -> tuple[Choice, Vector, float]:
    """What `rows` alone led to, its probabilities for the clients of `fold`, and the population
    stability index between its scores of both."""
    progress(f"{name}, columns", 0)
    dataset = selected(dataset, rows, plan)
    boosting = Boosting(dataset, plan, progress)
    choice = boosting.choose(rows, name)
    model = boosting.fit(rows, choice, name)
    found = probability(model, dataset, fold)
    return choice, found, psi(probability(model, dataset, boosting.sample(rows)), found)


def psi(expected: Vector, found: Vector, parts: int = 10) -> float:
    """The population stability index of scores, over equal parts of the `expected` ones.

    The sum of (q - p) ln(q / p) over the parts' fractions p of `expected` and q of `found`
    (Siddiqi 2006, "Credit Risk Scorecards"), each part counted as half a client at least.
    """
    edges = np.quantile(expected, np.linspace(0, 1, parts + 1)[1:-1])
    p, q = (
        np.maximum(np.bincount(np.digitize(scores, edges), minlength=parts), 0.5) / len(scores)
        for scores in (expected, found)
    )
    return float(np.sum((q - p) * np.log(q / p)))


def check_outcomes(dataset: Dataset, plan: Plan) -> None:
    """Raises TrainError if a fold, or the part of it used for stopping, may lack an outcome."""
    if (fewest := rarest(dataset.defaulted)) < 2 * plan.folds:
        raise TrainError(
            f"{fewest} clients of the rarer outcome are too few for {plan.folds} folds:"
            f" at least {2 * plan.folds} are needed"
        )
    judged_rows(dataset, plan)


def crossings(plan: Plan) -> int:
    """How many steps `progress` gets of one cross-validation, where both kinds of trees are tried
    and a sample is not needed: four in a fold. `fit` has two more for the final model."""
    return 4 * plan.folds * plan.repeats
