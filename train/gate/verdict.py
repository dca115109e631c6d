"""What the gate decided, check by check."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from train.gate.case import Limits

RESULT = {True: "passed", False: "refused"}


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

    @property
    def number(self) -> str:
        """The measured value with its interval, as text."""
        if self.value is None:
            return ""
        if self.low is None or self.high is None:
            return f"{self.value:g}"
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class Verdict:
    """All checks of one new version.

    `basis` says on whom they were made, `champion` is the version compared with, None if there was
    none; `notes` are what a reader should know besides.
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
    def why(self) -> str:
        """The verdict in one line: the failed checks, or what it was compared with."""
        failed = [check.says for check in self.checks if not check.passed]
        if failed:
            return "; ".join(failed)
        against = f"champion version {self.champion}" if self.champion else "no champion yet"
        passed = f"all {len(self.checks)} checks passed ({against}, {self.basis})"
        unsure = ", ".join(check.name for check in self.checks if not check.sure)
        return f"{passed}, not surely on so few clients: {unsure}" if unsure else passed

    def to_json(self) -> str:
        """Everything, as indented JSON; what is not a finite number is null."""
        facts: dict[str, Any] = {"passed": self.passed, "why": self.why, **asdict(self)}
        return json.dumps(_finite(facts), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def to_markdown(self) -> str:
        """The checks as a table."""
        rows = [
            f"| {check.name} | {RESULT[check.passed]}{', not surely' * (not check.sure)}"
            f" | {_unbroken(check.number)} |"
            f" {'' if check.limit is None else f'{check.limit:g}'} | {check.asks or check.says} |"
            for check in self.checks
        ]
        against = f"champion version {self.champion}" if self.champion else "no champion yet"
        return "\n".join(
            [
                f"{RESULT[self.passed].capitalize()}: {self.clients:,} clients,"
                f" {self.basis}; compared with: {against}.",
                "",
                "| check | result | measured [95 % interval] | limit | in words |",
                "|---|---|---|---|---|",
                *rows,
                *(f"\n{note}" for note in self.notes),
                "",
            ]
        )


def _unbroken(number: str) -> str:
    """On one line of a narrow table."""
    return number.replace(" ", "\N{NO-BREAK SPACE}")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    return [_finite(entry) for entry in value] if isinstance(value, list | tuple) else value
