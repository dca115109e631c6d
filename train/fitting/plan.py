"""How to train: everything that decides what the model becomes, given the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from train.fitting.hyperparameters import Hyperparameters


@dataclass(frozen=True)
class Plan:
    """Folds and repeats of the cross-validation, and how each model is fitted.

    `max_features` is the most columns a model may use; `monotone` holds -1 or +1 for columns on
    which the probability of default may only fall or only rise; `patience` is after how many
    rounds without gain stopping gives up.
    """

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    threads: int = 2
    patience: int = 100
    max_features: int = 150
    monotone: Mapping[str, int] = field(default_factory=dict)
    hyperparameters: Hyperparameters = field(default_factory=Hyperparameters)
