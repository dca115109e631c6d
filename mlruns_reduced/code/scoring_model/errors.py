"""What can go wrong between a client's row and its score."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

MAX_NAMED = 20
"""Problems that one error names; whoever collects them may stop at one more."""

MAX_SHOWN = 40
"""Characters of an offending value that a message quotes."""


class ScoringError(Exception):
    """Root of this package's errors. Its text is one sentence."""


class InvalidParameter(ScoringError):
    """A `params` entry, or a setting of the loaded model, that cannot be used."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"parameter {name} must be {expected}")
        self.name = name
        self.expected = expected


class UnsupportedInput(ScoringError):
    """The input as a whole is nothing that holds clients."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class BrokenModel(ScoringError):
    """A file of the model is missing, damaged, or does not fit the others."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"{file}: {why}")
        self.file = file
        self.why = why


class PickleForbidden(BrokenModel):
    """The model cannot be read without unpickling, and the environment forbids that."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "is a pickle, and MLFLOW_ALLOW_PICKLE_DESERIALIZATION forbids those")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one row.

    `row` counts from 0 in the order given; `column` is None where the row as a whole is
    wrong; `value` is the offending value and never leaves the process that read it.
    """

    row: int
    column: str | None
    expected: str
    value: Any = None

    def __str__(self) -> str:
        if self.column is None:
            return f"row {self.row}: expected {self.expected}"
        shown = repr(self.value)
        shown = shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "…"
        return f"row {self.row}, column {self.column}: {shown} is not {self.expected}"

    def detail(self) -> dict[str, Any]:
        """The facts without the client's value: row, column (if any), expected."""
        column = {} if self.column is None else {"column": self.column}
        return {"row": self.row, **column, "expected": self.expected}


class InvalidRows(ScoringError):
    """Rows that cannot be scored, each with what was expected of it.

    The text quotes the first offending value; `public` and `details` never do.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        more = ["and more"] if len(self.problems) > MAX_NAMED else []
        super().__init__("; ".join([*map(str, self.problems[:MAX_NAMED]), *more]))

    @property
    def details(self) -> list[dict[str, Any]]:
        """One entry a problem, at most `MAX_NAMED` of them."""
        return [problem.detail() for problem in self.problems[:MAX_NAMED]]

    def to_json(self) -> str:
        """What a scoring server tells its caller: the details, on one line."""
        return json.dumps({"invalid_rows": self.details}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """The error that `to_json` wrote (without the values), or None for any other text."""
        try:
            details = json.loads(text)["invalid_rows"]
            return cls([_problem(detail) for detail in details])
        except (ValueError, TypeError, KeyError):
            return None


def _problem(detail: Mapping[str, Any]) -> Problem:
    return Problem(int(detail["row"]), detail.get("column"), str(detail["expected"]))
