"""Searching hyperparameters with Optuna: pruned and resumable; the clock decides no result."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from train.data.dataset import Dataset
from train.fitting.boosting import Boosting, Progress
from train.fitting.plan import Plan
from train.fitting.selection import selected

Record = Callable[[int, Mapping[str, Any], float | None], None]
"""Gets the number of a trial, its hyperparameters and its loss, None where it was pruned."""

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Search:
    """How long to search, and where a search is kept so that it can go on another day.

    `trials` is how many hyperparameters to try in all, those of an earlier search of the same data
    included; 0 is no search. After `minutes` no further trial is begun, 0 for no limit: the result
    is then the one of as many trials as were done, however fast the machine.
    """

    trials: int = 0
    minutes: float = 0.0
    study: Path = Path("optuna.db")


def searched(
    dataset: Dataset, plan: Plan, search: Search, progress: Progress, record: Record
) -> tuple[Plan, int]:
    """The plan with the hyperparameters of least log loss on unseen clients, and the trials done.

    Like stopping, it fits to some of the clients and judges on the rest; unlike stopping it has
    seen all of them, so only a holdout shows what a searched model is worth without any optimism.
    The plan's own hyperparameters are the first that are tried. What a trial tries depends on the
    seed and the trials before it alone: interrupted or not, as many trials give the same plan.
    """
    if not search.trials:
        return plan, 0
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = _study(dataset, plan, search)
    objective = _objective(dataset, plan, progress)
    end = time.monotonic() + (search.minutes * 60 or np.inf)
    while (done := len(_finished(study))) < search.trials and time.monotonic() < end:
        if not done:
            study.enqueue_trial(_suggestion(plan), skip_if_exists=True)
        study.sampler = optuna.samplers.TPESampler(seed=plan.seed + done)
        study.optimize(objective, 1, callbacks=[lambda _, trial: _report(record, trial)])
    trials = _finished(study)[: search.trials]
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if not complete:
        return plan, len(trials)
    best = min(complete, key=lambda trial: trial.values[0])
    found = replace(plan.hyperparameters, **best.params)
    return replace(plan, hyperparameters=found), len(trials)


def _study(dataset: Dataset, plan: Plan, search: Search) -> optuna.Study:
    """The one of these data and this plan, begun or continued."""
    asked = json.dumps([plan.seed, plan.max_features, sorted(plan.monotone.items())])
    name = f"{dataset.digest}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"
    return optuna.create_study(
        study_name=name,
        storage=f"sqlite:///{search.study}",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=100),
    )


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=FINISHED)


def _objective(dataset: Dataset, plan: Plan, progress: Progress) -> Callable[[optuna.Trial], float]:
    rows = np.arange(len(dataset.defaulted))
    dataset = selected(dataset, rows, plan)

    def loss(trial: optuna.Trial) -> float:
        tried = replace(plan.hyperparameters, **_suggested(trial))
        boosting = Boosting(dataset, replace(plan, hyperparameters=tried), progress)
        name = f"trial {trial.number}"

        def watch(rounds: int, loss: float) -> None:
            trial.report(loss, rounds)
            if rounds % 50 == 0 and trial.should_prune():
                raise optuna.TrialPruned

        extra_trees = bool(tried.extra_trees)
        return boosting.stop(boosting.sample(rows), extra_trees, name, watch).loss

    return loss


def _suggested(trial: optuna.Trial) -> dict[str, Any]:
    """The learning rate stays: losses of equally many rounds are then comparable."""
    return {
        "num_leaves": trial.suggest_int("num_leaves", 6, 64, log=True),
        "max_depth": trial.suggest_int("max_depth", 3, 9),
        "min_child_samples": trial.suggest_int("min_child_samples", 10, 500, log=True),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.03, 1.0, log=True),
        "subsample": trial.suggest_float("subsample", 0.4, 1.0),
        "reg_alpha": trial.suggest_float("reg_alpha", 0.01, 20.0, log=True),
        "reg_lambda": trial.suggest_float("reg_lambda", 0.01, 100.0, log=True),
        "path_smooth": trial.suggest_float("path_smooth", 0.1, 100.0, log=True),
        "extra_trees": trial.suggest_categorical("extra_trees", [True, False]),
    }


def _suggestion(plan: Plan) -> dict[str, Any]:
    """The plan's own hyperparameters, of those that are searched."""
    fixed = ("n_estimators", "learning_rate", "subsample_freq")
    values = {name: v for name, v in asdict(plan.hyperparameters).items() if name not in fixed}
    return values | {"extra_trees": plan.hyperparameters.extra_trees is not False}


def _report(record: Record, trial: FrozenTrial) -> None:
    complete = trial.state == TrialState.COMPLETE
    record(trial.number, trial.params, trial.value if complete else None)
