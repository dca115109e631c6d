"""Searching hyperparameters with Optuna: pruned, resumable, within a time budget."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from train.data.dataset import Dataset
from train.fitting.boosting import Boosting, Progress
from train.fitting.plan import Hyperparameters, Plan
from train.fitting.selection import selected

Record = Callable[[int, Mapping[str, Any], float | None], None]
"""Told the number of a trial, its hyperparameters and its loss, None where it was given up."""

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Search:
    """How long to search, and where a search is kept so that it can go on another day.

    `trials` is how many hyperparameters to try in all, those of an earlier search of the same data
    included; 0 is no search. `minutes` is after how long no new one is begun, 0 for no limit.
    """

    trials: int = 0
    minutes: float = 0.0
    study: Path = Path("optuna.db")


def searched(
    dataset: Dataset,
    plan: Plan,
    search: Search,
    progress: Progress,
    record: Record,
) -> Plan:
    """The plan with the hyperparameters of least log loss on unseen clients.

    Like stopping, it fits to some of the clients and judges on the rest; unlike stopping it has
    seen all of them, so only a holdout tells what a searched model is worth without any optimism.
    The plan's own hyperparameters are the first that are tried. `record` is told of every trial.
    """
    if not search.trials:
        return plan
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = _study(dataset, plan, search)
    done = len(study.get_trials(deepcopy=False, states=FINISHED))
    if done < search.trials:
        study.optimize(
            _objective(dataset, plan, progress),
            n_trials=search.trials - done,
            timeout=search.minutes * 60 or None,
            callbacks=[lambda _, trial: _tell(record, trial)],
        )
    return replace(plan, hyperparameters=_best(study, plan))


def _study(dataset: Dataset, plan: Plan, search: Search) -> optuna.Study:
    """The one of these data and this plan: begun, or gone on with."""
    told = json.dumps([plan.seed, plan.max_features, sorted(plan.monotone.items())])
    name = f"{dataset.digest}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    study = optuna.create_study(
        study_name=name,
        storage=f"sqlite:///{search.study}",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=100),
    )
    begun = len(study.get_trials(deepcopy=False))
    # Another seed when going on: the same one would suggest the same again.
    study.sampler = optuna.samplers.TPESampler(seed=plan.seed + begun)
    if not begun:
        study.enqueue_trial(_first(plan.hyperparameters))
    return study


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


def _first(hyperparameters: Hyperparameters) -> dict[str, Any]:
    names = ("num_leaves", "max_depth", "min_child_samples", "colsample_bytree", "subsample")
    more = ("reg_alpha", "reg_lambda", "path_smooth")
    values = {name: getattr(hyperparameters, name) for name in (*names, *more)}
    return values | {"extra_trees": hyperparameters.extra_trees is not False}


def _tell(record: Record, trial: FrozenTrial) -> None:
    complete = trial.state == TrialState.COMPLETE
    record(trial.number, trial.params, trial.value if complete else None)


def _best(study: optuna.Study, plan: Plan) -> Hyperparameters:
    if not study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        return plan.hyperparameters
    return replace(plan.hyperparameters, **study.best_params)
