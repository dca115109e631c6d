"""From a dataset to out-of-fold probabilities and a final model."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, train_test_split

from scoring_model.contract import Vector
from train.dataset import Dataset
from train.errors import TooFewClients

Outcomes = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]
Progress = Callable[[str, int], None]
"""Told the name of a fit and the boosting rounds it has done."""


@dataclass(frozen=True)
class Hyperparameters:
    """LightGBM's, under the names of its scikit-learn interface.

    Randomised and smooth, as did best on 50,000 Home Credit clients. `n_estimators` is the most
    that a fit may use; early stopping finds how many it does use.
    """

    n_estimators: int = 2000
    learning_rate: float = 0.02
    num_leaves: int = 24
    max_depth: int = 6
    min_child_samples: int = 100
    colsample_bytree: float = 0.1
    subsample: float = 0.6
    subsample_freq: int = 1
    reg_alpha: float = 5.0
    reg_lambda: float = 5.0
    path_smooth: float = 20.0

    def for_clients(self, clients: int, columns: int) -> "Hyperparameters":
        """The same for a small or a narrow table, where these would leave nothing to learn from.

        A leaf keeps at most a hundredth of the clients, a tree sees at least eight columns.
        """
        small = min(1.0, clients / 10_000)
        return Hyperparameters(
            **asdict(self)
            | {
                "min_child_samples": max(5, min(self.min_child_samples, clients // 100)),
                "colsample_bytree": min(1.0, max(self.colsample_bytree, 8 / columns)),
                "reg_alpha": self.reg_alpha * small,
                "reg_lambda": self.reg_lambda * small,
            }
        )


@dataclass(frozen=True)
class Plan:
    """How to train: folds, seed, threads and hyperparameters."""

    folds: int = 5
    seed: int = 0
    threads: int = 2
    patience: int = 100
    hyperparameters: Hyperparameters = Hyperparameters()


@dataclass(frozen=True)
class Choice:
    """What stopping chose: the kind of trees and their number, by log loss on unseen rows."""

    extra_trees: bool
    rounds: int
    loss: float


@dataclass(frozen=True)
class Fitted:
    """Out-of-fold probabilities of default, shape (clients,), and the model on all clients.

    `folds` are the choices of the folds, `chosen` is what the final model was fitted with.
    """

    out_of_fold: Vector
    folds: tuple[Choice, ...]
    chosen: Choice
    estimator: lgb.LGBMClassifier


def fit(dataset: Dataset, plan: Plan, progress: Progress) -> Fitted:
    """Cross-validates, then fits on all clients with the median choice of the folds.

    In each fold, stopping looks at a part of the training rows, never at the fold; the model is
    then fitted again on all training rows with what was chosen. `progress` is told each fit's
    name and the rounds it has done.
    """
    y = dataset.defaulted
    fitting = _Fitting(dataset, plan, progress)
    out_of_fold = np.full(len(y), np.nan)
    choices = []
    folds = StratifiedKFold(plan.folds, shuffle=True, random_state=plan.seed)
    for number, (rows, fold) in enumerate(folds.split(y, y), start=1):
        name = f"fold {number} of {plan.folds}"
        choices.append(fitting.choose(rows, name))
        model = fitting.fit(rows, choices[-1], name)
        out_of_fold[fold] = model.predict_proba(dataset.matrix[fold])[:, 1]
    chosen = _median(choices)
    final = fitting.fit(np.arange(len(y)), chosen, "all clients")
    return Fitted(out_of_fold, tuple(choices), chosen, final)


def _median(choices: list[Choice]) -> Choice:
    """The kind of trees that most folds chose, with the median of their rounds and losses."""
    extra_trees = 2 * sum(choice.extra_trees for choice in choices) > len(choices)
    agreeing = [choice for choice in choices if choice.extra_trees == extra_trees]
    return Choice(
        extra_trees,
        int(np.median([choice.rounds for choice in agreeing])),
        float(np.median([choice.loss for choice in agreeing])),
    )


@dataclass(frozen=True)
class _Fitting:
    """Fits one dataset under one plan on different rows."""

    dataset: Dataset
    plan: Plan
    progress: Progress

    def choose(self, rows: Rows, name: str) -> Choice:
        """What does best on a fifth of `rows` after learning from the rest.

        Split points drawn at random (extra trees) win on wide tables and on few clients, the
        best split points on narrow tables with many.
        """
        y = self.dataset.defaulted
        learn, stop = train_test_split(
            rows, test_size=0.2, stratify=y[rows], random_state=self.plan.seed
        )
        choices = [self._stop(learn, stop, extra, name) for extra in (True, False)]
        return min(choices, key=lambda choice: choice.loss)

    def _stop(self, learn: Rows, stop: Rows, extra_trees: bool, name: str) -> Choice:
        X, y = self.dataset.matrix, self.dataset.defaulted
        estimator = self._estimator(extra_trees, self.plan.hyperparameters.n_estimators)
        estimator.fit(
            X[learn],
            y[learn],
            eval_X=X[stop],
            eval_y=y[stop],
            categorical_feature=self.dataset.categories,
            callbacks=[
                self._report(f"{name}, {'extra' if extra_trees else 'exact'} trees"),
                lgb.early_stopping(self.plan.patience, verbose=False),
            ],
        )
        loss = estimator.best_score_["valid_0"]["binary_logloss"]
        return Choice(extra_trees, int(estimator.best_iteration_), float(loss))

    def fit(self, rows: Rows, choice: Choice, name: str) -> lgb.LGBMClassifier:
        """A model on `rows` with what was chosen."""
        return self._estimator(choice.extra_trees, choice.rounds).fit(
            self.dataset.matrix[rows],
            self.dataset.defaulted[rows],
            categorical_feature=self.dataset.categories,
            callbacks=[self._report(name)],
        )

    def _estimator(self, extra_trees: bool, rounds: int) -> lgb.LGBMClassifier:
        suited = self.plan.hyperparameters.for_clients(*self.dataset.matrix.shape)
        return lgb.LGBMClassifier(
            **asdict(suited) | {"n_estimators": rounds},
            extra_trees=extra_trees,
            random_state=self.plan.seed,
            n_jobs=self.plan.threads,
            deterministic=True,
            force_row_wise=True,
            verbose=-1,
        )

    def _report(self, name: str) -> Callable[[Any], None]:
        return lambda env: self.progress(name, env.iteration + 1)


def check_outcomes(dataset: Dataset, plan: Plan) -> None:
    """Raises TooFewClients if a fold, or the part of it used for stopping, may lack an outcome."""
    rarest = int(min(np.count_nonzero(dataset.defaulted == outcome) for outcome in (0, 1)))
    if rarest < 2 * plan.folds:
        raise TooFewClients(rarest, plan.folds)


def fits(plan: Plan) -> int:
    """How many fits one call of `fit` makes: two to choose and one to judge a fold, one final."""
    return 3 * plan.folds + 1
