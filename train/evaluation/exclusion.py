"""What leaving out columns costs: the same clients and folds, without them and with them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scoring_model.contract import Vector
from scoring_model.decision import solvency
from train.data.dataset import Dataset
from train.evaluation.intervals import Interval, auc_of, bootstrap, mean_of
from train.evaluation.threshold import business_costs, lent_unseen
from train.fitting.boosting import Progress
from train.fitting.fit import Fitted, cross_validate
from train.fitting.folds import Outcomes, Persons, Split
from train.fitting.plan import Plan


@dataclass(frozen=True)
class Exclusion:
    """By how much AUC and business cost a client change where `columns` are left out."""

    columns: tuple[str, ...]
    auc: Interval
    cost: Interval

    @property
    def says(self) -> str:
        """In one sentence, without its full stop."""
        left_out = f"leaving out {', '.join(self.columns)}"
        return f"{left_out} changes AUC by {self.auc}, business cost a client by {self.cost}"

    @property
    def metrics(self) -> dict[str, float]:
        """Under the names they bear in MLflow."""
        changes = {"exclude_auc_change": self.auc, "exclude_business_cost_change": self.cost}
        return {
            name + end: value
            for name, change in changes.items()
            for end, value in zip(("", "_low", "_high"), change, strict=True)
        }


def exclusion(
    whole: Dataset,
    fitted: Fitted,
    plan: Plan,
    excluded: tuple[str, ...],
    cost_ratio: float,
    progress: Progress,
) -> Exclusion:
    """What it changes to leave out the columns that the user excluded: `whole` has them.

    A second cross-validation in the folds of the first one, nested like it, with the
    hyperparameters and the kind of trees that were chosen without the columns.
    """
    trees = replace(plan.hyperparameters, extra_trees=fitted.chosen.extra_trees)
    asked = replace(plan, repeats=1, hyperparameters=trees)
    crossed = cross_validate(whole, asked, progress, "nothing excluded")
    probabilities = crossed.out_of_fold, fitted.crossed.out_of_fold
    defaulted = whole.defaulted[crossed.rows]
    persons = None if whole.persons is None else whole.persons[crossed.rows]
    changes = contrast(defaulted, probabilities, crossed.splits, cost_ratio, plan.seed, persons)
    return Exclusion(excluded, *changes)


def contrast(
    defaulted: Outcomes,
    probabilities: tuple[Vector, Vector],
    splits: Iterable[Split],
    cost_ratio: float,
    seed: int,
    persons: Persons | None = None,
) -> tuple[Interval, Interval]:
    """What happens to AUC and business cost from the first probabilities to the second.

    All are out of fold, of shape (clients,). Decisions are cross-fitted in `splits`.
    """
    parts = tuple(splits)
    statistics = {}
    for name, probability in zip(("before", "after"), probabilities, strict=True):
        lent = lent_unseen(defaulted, solvency(probability), parts, cost_ratio)
        statistics[f"auc {name}"] = auc_of(defaulted, probability)
        statistics[f"cost {name}"] = mean_of(business_costs(defaulted, lent, cost_ratio))
    found = bootstrap(statistics, len(defaulted), persons, seed)
    auc, cost = (found[f"{name} after"] - found[f"{name} before"] for name in ("auc", "cost"))
    return auc.interval, cost.interval
