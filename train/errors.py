"""Errors of training: one line that a user of a command can act on, and exit code 2.

A subclass is there where the same error is raised in several places, or is caught by its type.
"""

from collections.abc import Sequence
from pathlib import Path


class TrainError(Exception):
    """Root of the errors that a user of `train` can cause and correct."""


class UnwritableFolder(TrainError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write to {path}: {reason}")


class MissingPath(TrainError):
    def __init__(self, path: object) -> None:
        super().__init__(f"{path} does not exist: --data wants a folder of tables or one file")


class MissingTable(TrainError):
    def __init__(self, path: str, table: str) -> None:
        super().__init__(f"{path} holds no {table} (looked for {table}.parquet and {table}.csv)")


class UnreadableTable(TrainError):
    """A file cannot be read as the table that it should be."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(f"cannot read {table}: {reason}")


class EmptyTable(TrainError):
    def __init__(self, table: str) -> None:
        super().__init__(f"{table} has no rows")


class MissingColumn(TrainError):
    def __init__(self, table: str, column: str, found: Sequence[str]) -> None:
        super().__init__(f"{table} has no column {column} (it has {listed(found)})")


class MissingValues(TrainError):
    def __init__(self, table: str, column: str, count: int) -> None:
        rows = "row" if count == 1 else "rows"
        super().__init__(f"{table}.{column} is missing in {count} {rows}; it must be known in all")


class UnusableSign(TrainError):
    def __init__(self, asked: str, wanted: str) -> None:
        super().__init__(f"--monotone {asked} must be {wanted}")


class MissingModel(TrainError):
    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"no model {uri}: {reason}")


class BrokenStore(TrainError):
    """The tracking store or its registry does not answer, or answers with an error."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"the tracking store {uri} cannot be used: {reason}")


def listed(values: Sequence[object], count: int | None = None, most: int = 6) -> str:
    """The first few of `values` for a message, with ... where there are more."""
    shown = [f"{value}"[:40] for value in values[:most]]
    return ", ".join(shown) + (", ..." if (count or len(values)) > len(shown) else "")
