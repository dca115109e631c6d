"""Which clients are judged on, what each model says of them, and the limits."""

from dataclasses import dataclass

from scoring_model.contract import Vector
from scoring_model.decision import accepted, solvency
from train.evaluation.fairness import Grouping
from train.evaluation.threshold import Lent
from train.fitting.folds import Outcomes, Persons


@dataclass(frozen=True)
class Scores:
    """Probabilities of default, shape (clients,), and the threshold that decides on them.

    `decided` are decisions that were made otherwise, shape (clients,): cross-fitted ones, where
    the threshold was chosen on these very clients.
    """

    probability: Vector
    threshold: float
    decided: Lent | None = None

    @property
    def lent(self) -> Lent:
        """Which clients get the loan, shape (clients,)."""
        if self.decided is not None:
            return self.decided
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
    is none yet; no `reloaded` that the files were not written by this training. `persons` has
    equal numbers for the clients of one person, where that is known.
    """

    defaulted: Outcomes
    groupings: tuple[Grouping, ...]
    basis: str
    challenger: Scores
    champion: Champion | None
    reloaded: Reloaded | None
    cost_ratio: float
    persons: Persons | None = None


@dataclass(frozen=True)
class Limits:
    """How much worse than the champion, and how far from ideal, a new champion may be.

    A check fails where the whole 95 % interval lies beyond its limit: luck in who is judged refuses
    no model, and a small holdout refuses few. A loss against the champion that measures more than
    the gross one (or than the limit, if that is larger) refuses however wide its interval is.

    - `strict`: a check fails where any part of the interval lies beyond its limit instead: the
      data must show that the model is no worse than allowed (non-inferiority).
    - `cost`: fraction of the champion's business cost by which the new cost may exceed it.
    - `auc`: by how much the AUC may fall below the champion's.
    - `gross_cost`, `gross_auc`: the same, of the measured values themselves.
    - `calibration`: mean distance of predicted and observed default rate, over tenths of the
      clients or as many parts as hold 500 each.
    - `group_calibration`: the same distance in the worst group of a protected attribute.
    - `ratio`: least acceptance of a group over that of the most accepted one. The default is below
      the four fifths that the report flags: base rates differ, and a limit is the lender's to set.
    - `ratio_drop`: by how much that ratio may fall below the champion's.
    """

    cost: float = 0.01
    auc: float = 0.002
    gross_cost: float = 0.05
    gross_auc: float = 0.01
    calibration: float = 0.05
    group_calibration: float = 0.1
    ratio: float = 0.4
    ratio_drop: float = 0.05
    strict: bool = False
