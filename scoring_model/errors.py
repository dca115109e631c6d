"""What can go wrong between a client's row and its score. Standard library only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

MAX_NAMED = 20
"""Problems that one error names; code that collects problems may stop at one more."""

MAX_SHOWN = 40
"""Characters of an offending value that a message quotes."""


class ScoringError(Exception):
    """Root of this package's errors. Its text is one sentence."""

    def report(self) -> dict[str, Any]:
        """The error as a JSON object without a client's values."""
        return {"invalid_input": str(self)}


class InvalidParameter(ScoringError):
    """A `params` entry, or a setting of the loaded model, that cannot be used."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"parameter {_shortened(name)} must be {expected}")
        self.name = name
        self.expected = expected


class UnsupportedInput(ScoringError):
    """The input as a whole does not hold clients."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BrokenModel(ScoringError):
    """A file of the model is missing, damaged, or does not fit the others."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


class PickleForbidden(BrokenModel):
    """The model cannot be read without unpickling, and the environment forbids that."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "is a pickle, and MLFLOW_ALLOW_PICKLE_DESERIALIZATION forbids those")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one row.

    `row` counts from 0 in the order given; `column` is None where the row as a whole is
    wrong; `value` is the offending value, which is never sent to a caller.
    """

    row: int
    column: str | None
    expected: str
    value: Any = None

    def __str__(self) -> str:
        if self.column is None:
            return f"row {self.row}: expected {self.expected}"
        value = _shortened(repr(self.value))
        return f"row {self.row}, column {self.column}: {value} is not {self.expected}"

    def detail(self) -> dict[str, Any]:
        """The facts without the client's value: row, column (if any), expected."""
        column = {} if self.column is None else {"column": self.column}
        return {"row": self.row, **column, "expected": self.expected}


class InvalidRows(ScoringError):
    """Rows that cannot be scored, each with what was expected of it.

    The text quotes offending values; `details` and the JSON never do.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        more = ["and more"] if len(self.problems) > MAX_NAMED else []
        super().__init__("; ".join([*map(str, self.problems[:MAX_NAMED]), *more]))

    @property
    def details(self) -> list[dict[str, Any]]:
        """One entry a problem, at most `MAX_NAMED` of them."""
        return [problem.detail() for problem in self.problems[:MAX_NAMED]]

    def report(self) -> dict[str, Any]:
        """`details` as a JSON object."""
        return {"invalid_rows": self.details}

    def to_json(self) -> str:
        """`report` on one line."""
        return json.dumps(self.report(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """The error that `to_json` wrote (without the values), or None for any other text."""
        try:
            return cls(
                Problem(int(detail["row"]), detail.get("column"), str(detail["expected"]))
                for detail in json.loads(text)["invalid_rows"]
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
