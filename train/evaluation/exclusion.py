"""What leaving out columns costs: the same clients and folds, without them and with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from scoring_model.contract import Vector
from scoring_model.decision import solvency
from train.data.dataset import Dataset
from train.evaluation.intervals import COVERAGE, RESAMPLES, Ranking, resamples
from train.evaluation.metrics import business_costs, lent_unseen
from train.fitting.boosting import Progress
from train.fitting.fit import Fitted, cross_validate, splits
from train.fitting.folds import Outcomes, Split
from train.fitting.plan import Plan


@dataclass(frozen=True)
class Change:
    """By how much a metric changes, and between what in 95 % of bootstrap resamples."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.4f} (95 % {self.low:+.4f} to {self.high:+.4f})"


@dataclass(frozen=True)
class Weighed:
    """A change that was tried. `change` names it."""

    name: str
    change: str
    auc: Change
    cost: Change

    @property
    def says(self) -> str:
        """In one sentence, without its full stop."""
        return f"{self.change} changes AUC by {self.auc}, business cost a client by {self.cost}"

    @property
    def metrics(self) -> dict[str, float]:
        """Under the names they bear in MLflow."""
        changes = {"auc_change": self.auc, "business_cost_change": self.cost}
        return {
            f"{self.name}_{metric}{end}": value
            for metric, change in changes.items()
            for end, value in (("", change.value), ("_low", change.low), ("_high", change.high))
        }


def contrast(
    defaulted: Outcomes,
    probabilities: tuple[Vector, Vector],
    splits: Iterable[Split],
    cost_ratio: float,
    seed: int,
) -> tuple[Change, Change]:
    """What happens to AUC and business cost from the first probabilities to the second.

    All are out of fold, of shape (clients,). Each client is decided at the threshold that is
    cheapest on the other parts of `splits`.
    """
    parts = tuple(splits)
    rankings = [Ranking.of(defaulted, probability) for probability in probabilities]
    before, after = (
        business_costs(
            defaulted, lent_unseen(defaulted, solvency(p), parts, cost_ratio), cost_ratio
        )
        for p in probabilities
    )
    dearer = after - before
    with threadpool_limits(1):
        drawn = np.array(
            [
                [rankings[1].auc(weights) - rankings[0].auc(weights), dearer @ weights]
                for weights in resamples(defaulted, RESAMPLES, seed)
            ]
        )
    drawn[:, 1] /= len(defaulted)
    aucs = [float(roc_auc_score(defaulted, probability)) for probability in probabilities]
    return _change(aucs[1] - aucs[0], drawn[:, 0]), _change(float(dearer.mean()), drawn[:, 1])


def _change(value: float, drawn: Vector) -> Change:
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Change(value, float(low), float(high))


def exclusion(
    kept: Dataset,
    fitted: Fitted,
    plan: Plan,
    excluded: Sequence[str],
    cost_ratio: float,
    progress: Progress,
) -> Weighed:
    """What it changes to leave out the columns that the user excluded: `kept` has them.

    A second cross-validation in the folds of the first one, nested like it, with the
    hyperparameters and the kind of trees that were chosen without the columns.
    """
    trees = replace(plan.hyperparameters, extra_trees=fitted.chosen.extra_trees)
    asked = replace(plan, repeats=1, hyperparameters=trees)
    crossed = cross_validate(kept, asked, progress, "nothing excluded")
    probabilities = crossed.out_of_fold, fitted.by_repeat[0]
    auc, cost = contrast(kept.defaulted, probabilities, splits(kept, plan), cost_ratio, plan.seed)
    return Weighed("exclude", f"leaving out {', '.join(excluded)}", auc, cost)
