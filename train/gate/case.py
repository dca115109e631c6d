"""What the gate judges, by which limits, and what it answers."""

import json
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from scoring_model.contract import Vector
from scoring_model.decision import accepted, solvency
from train.evaluation.clients import Clients, Scored
from train.evaluation.threshold import Lent

RESULT = {True: "passed", False: "refused"}
HEAD = """
| check | result | measured [95 % interval] | limit | in words |
|---|---|---|---|---|"""


class Scores(NamedTuple):
    """Probabilities of default and which clients get the loan, shape (clients,).

    Where a threshold was chosen on these very clients, the decisions are cross-fitted.
    """

    probability: Vector
    lent: Lent

    @classmethod
    def of(cls, scored: Scored, threshold: float) -> "Scores":
        """With the decisions that are known, else those at the threshold."""
        if scored.lent is not None:
            return cls(scored.probability, scored.lent)
        return cls(scored.probability, accepted(solvency(scored.probability), threshold))


class Champion(NamedTuple):
    """The version to beat. `how` says how its scores came about, or why there are none."""

    version: str
    scores: Scores | None
    how: str


class Reloaded(NamedTuple):
    """The new model loaded back through MLflow: of `clients`, how many score otherwise."""

    clients: int
    differing: int


@dataclass(frozen=True)
class Case:
    """What the gate judges: the same clients, scored by the new model and by the champion.

    `basis` says which clients they are ("holdout", "out of fold"); no `champion` means that there
    is none yet.
    """

    clients: Clients
    basis: str
    challenger: Scores
    champion: Champion | None
    reloaded: Reloaded
    cost_ratio: float


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


@dataclass(frozen=True)
class Check:
    """One question with its answer.

    `value` is what was measured, `low` and `high` its 95 % interval, `limit` what it was held
    against; None where there is no such number. `says` is the answer as a sentence, `asks` the
    question where the numbers stand beside it, `sure` whether the whole interval lies on one side
    of the limit.
    """

    name: str
    passed: bool
    says: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    sure: bool = True
    asks: str = ""

    def to_markdown(self) -> str:
        """A row of the verdict's table; the measured value stays on one line."""
        number = "" if self.value is None else f"{self.value:g}"
        if self.low is not None and self.high is not None:
            number = f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"
        number = number.replace(" ", "\N{NO-BREAK SPACE}")
        result = RESULT[self.passed] + ", not surely" * (not self.sure)
        limit = "" if self.limit is None else f"{self.limit:g}"
        return f"| {self.name} | {result} | {number} | {limit} | {self.asks or self.says} |"


@dataclass(frozen=True)
class Verdict:
    """All checks of one new version.

    `basis` says on which clients they were made, `champion` is the version compared with, None if
    there was none; `notes` are what a reader should know besides.
    """

    checks: tuple[Check, ...]
    basis: str
    clients: int
    champion: str | None
    limits: Limits
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check is."""
        return all(check.passed for check in self.checks)

    @property
    def against(self) -> str:
        """What it was compared with."""
        return f"champion version {self.champion}" if self.champion else "no champion yet"

    @property
    def why(self) -> str:
        """The verdict in one line: the failed checks, or what it was compared with."""
        if not self.passed:
            return "; ".join(check.says for check in self.checks if not check.passed)
        passed = f"all {len(self.checks)} checks passed ({self.against}, {self.basis})"
        unsure = ", ".join(check.name for check in self.checks if not check.sure)
        return f"{passed}, not surely on so few clients: {unsure}" if unsure else passed

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it: what is not a finite number is None."""
        facts = {"passed": self.passed, "why": self.why, **asdict(self)}
        # Python writes NaN and infinity by names that no other reader of JSON knows.
        finite: dict[str, Any] = json.loads(json.dumps(facts), parse_constant=lambda _: None)
        return finite

    def to_markdown(self) -> str:
        """The checks as a table."""
        head = (
            f"{RESULT[self.passed].capitalize()}: {self.clients:,} clients, {self.basis};"
            f" compared with: {self.against}."
        )
        rows = [check.to_markdown() for check in self.checks]
        return "\n".join([head, HEAD, *rows, *(f"\n{note}" for note in self.notes), ""])
