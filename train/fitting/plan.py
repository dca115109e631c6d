"""How to train: everything that decides what the model becomes, given the data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hyperparameters:
    """LightGBM's, under the names of its scikit-learn interface.

    Randomised and smooth, as did best on 50,000 Home Credit clients. `n_estimators` is the most
    that a fit may use; early stopping finds how many it does use. `extra_trees` says whether split
    points are drawn at random; None leaves it to be chosen on the data.
    """

    n_estimators: int = 4000
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
    extra_trees: bool | None = None

    def for_clients(self, clients: int, columns: int) -> dict[str, Any]:
        """The same, adapted to a small or a narrow table, where they would leave nothing to learn
        from: arguments of an LGBMClassifier.

        A leaf keeps at most a hundredth of the clients, a tree sees at least eight columns. Few
        clients are learned from in fewer and larger steps, which costs nothing but saves time;
        so are very many, of whom a step half as large again costs less than AUC's fourth digit.
        """
        small = min(1.0, clients / 10_000)
        pace = 2.0 if clients < 10_000 else 1.5 if clients > 100_000 else 1.0
        return asdict(self) | {
            "learning_rate": self.learning_rate * pace,
            "min_child_samples": max(5, min(self.min_child_samples, clients // 100)),
            "colsample_bytree": min(1.0, max(self.colsample_bytree, 8 / columns)),
            "reg_alpha": self.reg_alpha * small,
            "reg_lambda": self.reg_lambda * small,
        }


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

    def threads_for(self, clients: int) -> int:
        """One more for every 10,000 clients: on fewer they wait for each other."""
        return min(self.threads, 1 + clients // 10_000)


REPRODUCIBLE = {
    "deterministic": True,
    "force_col_wise": True,  # a tree sees few of the columns
    "verbose": -1,
}
"""Arguments of every LGBMClassifier."""
