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
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from train.data.dataset import Dataset
from train.fitting.boosting import Boosting, Progress
from train.fitting.folds import Rows
from train.fitting.plan import Plan
from train.fitting.selection import selected

Record = Callable[[int, Mapping[str, Any], float | None], None]
"""Gets the number of a trial, its hyperparameters and its loss, None where it was pruned."""

COMPLETE = TrialState.COMPLETE
SPACE: dict[str, BaseDistribution] = {
    "num_leaves": IntDistribution(6, 64, log=True),
    "max_depth": IntDistribution(3, 9),
    "min_child_samples": IntDistribution(10, 500, log=True),
    "colsample_bytree": FloatDistribution(0.03, 1.0, log=True),
    "subsample": FloatDistribution(0.4, 1.0),
    "reg_alpha": FloatDistribution(0.01, 20.0, log=True),
    "reg_lambda": FloatDistribution(0.01, 100.0, log=True),
    "path_smooth": FloatDistribution(0.1, 100.0, log=True),
    "extra_trees": CategoricalDistribution([True, False]),
}
"""The learning rate stays: losses of equally many rounds are then comparable."""


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
    asked = json.dumps([plan.seed, plan.max_features, sorted(plan.monotone.items())])
    study = optuna.create_study(
        study_name=f"{dataset.digest}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}",
        storage=f"sqlite:///{search.study}",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=100),
    )
    usual = asdict(plan.hyperparameters)
    usual["extra_trees"] = plan.hyperparameters.extra_trees is not False
    rows = np.arange(len(dataset.defaulted))
    dataset = selected(dataset, rows, plan)
    end = time.monotonic() + (search.minutes * 60 or np.inf)
    while (done := len(_finished(study))) < search.trials:
        if not done:
            study.enqueue_trial({name: usual[name] for name in SPACE}, skip_if_exists=True)
        study.sampler = optuna.samplers.TPESampler(seed=plan.seed + done)
        trial = study.ask(SPACE)
        tried = replace(plan.hyperparameters, **trial.params)
        boosting = Boosting(dataset, replace(plan, hyperparameters=tried), progress)
        try:
            told = study.tell(trial, _loss(trial, boosting, rows))
        except optuna.TrialPruned:
            told = study.tell(trial, state=TrialState.PRUNED)
        record(told.number, told.params, told.value if told.state == COMPLETE else None)
        if time.monotonic() > end:
            break
    trials = _finished(study)[: search.trials]
    complete = [trial for trial in trials if trial.state == COMPLETE]
    if complete:
        best = min(complete, key=lambda trial: trial.values[0])
        found = replace(plan.hyperparameters, **best.params)
        plan = replace(plan, hyperparameters=found)
    return plan, len(trials)


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(COMPLETE, TrialState.PRUNED))


def _loss(trial: optuna.Trial, boosting: Boosting, rows: Rows) -> float:
    """Raises TrialPruned as soon as it is hopeless."""

    def watch(rounds: int, loss: float) -> None:
        trial.report(loss, rounds)
        if rounds % 50 == 0 and trial.should_prune():
            raise optuna.TrialPruned

    extra_trees = bool(boosting.plan.hyperparameters.extra_trees)
    return boosting.stop(boosting.sample(rows), extra_trees, f"trial {trial.number}", watch).loss
