"""What leaving out columns costs, measured on the same folds."""

from dataclasses import replace

from train.dataset import Dataset
from train.fitting.boosting import Progress
from train.fitting.fit import Fitted, cross_validate, splits
from train.fitting.plan import Plan
from train.judging.contrast import Weighed, contrast
from train.request import Request


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
