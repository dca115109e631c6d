"""Who is judged, and what each model says of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Vector
from scoring_model.decision import accepted, solvency
from train.fairness import Grouping
from train.fitting.folds import Outcomes


@dataclass(frozen=True)
class Scores:
    """Probabilities of default, shape (clients,), and the threshold that decides on them."""

    probability: Vector
    threshold: float

    @property
    def lent(self) -> npt.NDArray[np.bool_]:
        """Who gets the loan, shape (clients,)."""
        return accepted(solvency(self.probability), self.threshold)


@dataclass(frozen=True)
class Champion:
    """The version to beat. `how` says how its scores came about, or why there are none."""

    version: str
    scores: Scores | None
    how: str


@dataclass(frozen=True)
class Reloaded:
    """The new model loaded back through MLflow: of `clients`, how many score otherwise."""

    clients: int
    differing: int


@dataclass(frozen=True)
class Case:
    """What the gate judges: the same clients, scored by the new model and by the champion.

    `basis` says which clients they are ("holdout", "out of fold"); no `champion` means that there
    is none yet; no `reloaded` that the files were not written by this training.
    """

    defaulted: Outcomes
    groupings: tuple[Grouping, ...]
    basis: str
    challenger: Scores
    champion: Champion | None
    reloaded: Reloaded | None
    cost_ratio: float
