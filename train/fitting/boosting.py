"""Fitting LightGBM on some rows of a dataset: how long, with which trees, and the model."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import lightgbm as lgb
import numpy as np

from scoring_model.contract import Vector
from train.data.dataset import Dataset
from train.fitting.folds import Rows, folds_up_to
from train.fitting.plan import REPRODUCIBLE, Plan

Progress = Callable[[str, int], None]
"""Told the name of a step and the boosting rounds it has done."""
MANY = 50_000
"""Clients of whom one part to stop on is enough; of more, a sample tells which trees suit."""


@dataclass(frozen=True)
class Choice:
    """What stopping chose: the kind of trees and their number, by log loss on unseen rows.

    `losses` are those after each round, up to the last one chosen.
    """

    extra_trees: bool
    rounds: int
    loss: float
    losses: tuple[float, ...] = ()


@dataclass(frozen=True)
class Boosting:
    """Fits one dataset under one plan on different rows."""

    dataset: Dataset
    plan: Plan
    progress: Progress

    def choose(self, rows: Rows, name: str) -> Choice:
        """What does best on parts of `rows` after learning from the rest of them.

        Split points drawn at random (extra trees) win on wide tables and on few clients, the
        best split points on narrow tables with many.
        """
        asked = self.plan.hyperparameters.extra_trees
        if asked is not None:
            return self.stop(rows, asked, name)
        few = self.sample(rows)
        choices = [self.stop(few, extra, name) for extra in (True, False)]
        best = min(choices, key=lambda choice: choice.loss)
        return best if few is rows else self.stop(rows, best.extra_trees, name)

    def stop(
        self,
        rows: Rows,
        extra_trees: bool,
        name: str,
        watch: Callable[[int, float], None] = lambda *_: None,
    ) -> Choice:
        """The rounds after which the mean loss on unseen parts of `rows` is least.

        Judged on a fifth of many rows; of few, whose losses are noisy, on up to five fifths in
        turn. `watch` gets the rounds done and the loss after them.
        """
        dataset, plan = self.dataset, self.plan
        y, persons = dataset.defaulted[rows], dataset.persons
        fifths = folds_up_to(y, None if persons is None else persons[rows], 5, plan.seed)
        options = self._options(extra_trees, plan.hyperparameters.n_estimators)
        most = options.pop("n_estimators")
        losses: list[float] = lgb.cv(
            options | {"objective": "binary"},
            lgb.Dataset(
                dataset.matrix[rows], y, categorical_feature=dataset.categories, params=options
            ),
            num_boost_round=most,
            folds=list(islice(fifths, max(1, min(5, MANY // len(rows))))),
            callbacks=[
                self._report(f"{name}, {'extra' if extra_trees else 'exact'} trees"),
                lambda env: watch(env.iteration + 1, env.evaluation_result_list[0][2]),
                lgb.early_stopping(plan.patience, verbose=False),
            ],
        )["valid binary_logloss-mean"]
        return Choice(extra_trees, len(losses), float(losses[-1]), tuple(losses))

    def sample(self, rows: Rows) -> Rows:
        """Some of the rows, where they are many."""
        if len(rows) <= MANY:
            return rows
        drawn = np.random.default_rng(self.plan.seed).choice(len(rows), MANY, replace=False)
        return rows[np.sort(drawn)]

    def fit(self, rows: Rows, choice: Choice, name: str) -> lgb.LGBMClassifier:
        """A model on `rows` with what was chosen."""
        return lgb.LGBMClassifier(**self._options(choice.extra_trees, choice.rounds)).fit(
            self.dataset.matrix[rows],
            self.dataset.defaulted[rows],
            categorical_feature=self.dataset.categories,
            callbacks=[self._report(name)],
        )

    def _options(self, extra_trees: bool, rounds: int) -> dict[str, Any]:
        clients, columns = self.dataset.matrix.shape
        signs = [self.plan.monotone.get(column, 0) for column in self.dataset.columns]
        return {
            **self.plan.hyperparameters.for_clients(clients, columns),
            "extra_trees": extra_trees,
            "n_estimators": rounds,
            "random_state": self.plan.seed,
            "n_jobs": self.plan.threads_for(clients),
            **REPRODUCIBLE,
            # LightGBM 4.7 smooths a leaf after it has seen to the signs, and so breaks them.
            **({"monotone_constraints": signs, "path_smooth": 0.0} if any(signs) else {}),
        }

    def _report(self, name: str) -> Callable[[Any], None]:
        return lambda env: self.progress(name, env.iteration + 1)


def probability(model: lgb.LGBMClassifier, dataset: Dataset, rows: Rows) -> Vector:
    """Probabilities of default of some rows, shape (rows,)."""
    found: Vector = model.predict_proba(dataset.matrix[rows])[:, 1]
    return found
