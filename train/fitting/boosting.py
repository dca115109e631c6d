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
from train.fitting.plan import Plan

Progress = Callable[[str, int], None]
"""Told the name of a step and the boosting rounds it has done."""

Watch = Callable[[int, float], None]
"""Told the boosting rounds done and the loss on unseen rows after them."""

LOSS = "valid binary_logloss-mean"

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
        self, rows: Rows, extra_trees: bool, name: str, watch: Watch = lambda *_: None
    ) -> Choice:
        """The rounds after which the mean loss on unseen parts of `rows` is least."""
        parts = self._parts(rows)
        options = self._options(extra_trees, self.plan.hyperparameters.n_estimators)
        most = options.pop("n_estimators")
        losses: list[float] = lgb.cv(
            options | {"objective": "binary"},
            lgb.Dataset(
                self.dataset.matrix[rows],
                self.dataset.defaulted[rows],
                categorical_feature=self.dataset.categories,
                params=options,
            ),
            num_boost_round=most,
            folds=parts,
            callbacks=[
                self._report(f"{name}, {'extra' if extra_trees else 'exact'} trees"),
                lambda env: watch(env.iteration + 1, env.evaluation_result_list[0][2]),
                lgb.early_stopping(self.plan.patience, verbose=False),
            ],
        )[LOSS]
        return Choice(extra_trees, len(losses), float(losses[-1]), tuple(losses))

    def _parts(self, rows: Rows) -> list[tuple[Rows, Rows]]:
        """A fifth of many rows; of few, whose losses are noisy, up to five fifths in turn."""
        y, persons = self.dataset.defaulted[rows], self.dataset.persons
        persons = None if persons is None else persons[rows]
        count = max(1, min(5, MANY // len(rows)))
        return list(islice(folds_up_to(y, persons, 5, self.plan.seed), count))

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
        suited = self.plan.hyperparameters.for_clients(clients, columns)
        signs = [self.plan.monotone.get(column, 0) for column in self.dataset.columns]
        return suited.options(extra_trees, rounds) | {
            "random_state": self.plan.seed,
            # A thread more for every 10,000 clients: on fewer they wait for each other.
            "n_jobs": min(self.plan.threads, 1 + clients // 10_000),
            "deterministic": True,
            "force_col_wise": True,  # a tree sees few of the columns
            "verbose": -1,
            # LightGBM 4.7 smooths a leaf after it has seen to the signs, and so breaks them.
            **({"monotone_constraints": signs, "path_smooth": 0.0} if any(signs) else {}),
        }

    def _report(self, name: str) -> Callable[[Any], None]:
        return lambda env: self.progress(name, env.iteration + 1)


def probability(model: lgb.LGBMClassifier, dataset: Dataset, rows: Rows) -> Vector:
    """Probabilities of default of some rows, shape (rows,)."""
    found: Vector = model.predict_proba(dataset.matrix[rows])[:, 1]
    return found
