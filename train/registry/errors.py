"""Errors of the registry: each is built from facts and says them in one sentence."""

from collections.abc import Sequence
from pathlib import Path

from train.errors import TrainError

SHOWN = 6
"""Names of columns in a sentence."""


class BusyRegistry(TrainError):
    """Another process holds a lock and does not end."""

    def __init__(self, lock: str, seconds: float) -> None:
        super().__init__(f"another process has held the lock of {lock} for {seconds:g} seconds")
        self.lock, self.seconds = lock, seconds


class ChampionMoved(TrainError):
    """Another tool moved the alias while it was being moved here."""

    def __init__(self, name: str, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"champion of {name} should be {version_of(expected)} and is {version_of(found)}: "
            "another tool has moved the alias meanwhile"
        )
        self.name, self.expected, self.found = name, expected, found


class NoChampion(TrainError):
    """There is nothing to roll back from."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no champion")
        self.name = name


class NoPrevious(TrainError):
    """There is nothing to roll back to."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(f"no champion of {name} before version {version} is on record")
        self.name, self.version = name, version


class NoVersion(TrainError):
    """A registered model, or a version of it, that does not exist."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(f"{name} has no version {version}")
        self.name, self.version = name, version


class NoScores(TrainError):
    """A version whose run has no scores to choose a threshold on."""

    def __init__(self, name: str, version: str, file: str) -> None:
        super().__init__(f"the run of {name} version {version} holds no {file}")
        self.name, self.version, self.file = name, version, file


class LacksColumns(TrainError):
    """The data lacks columns that the champion was trained on."""

    def __init__(self, columns: Sequence[str], of: int) -> None:
        some = ", ".join(columns[:SHOWN]) + ", ..." * (len(columns) > SHOWN)
        super().__init__(f"the data lacks {len(columns)} of its {of} columns ({some})")
        self.columns, self.of = tuple(columns), of


class Incomparable(TrainError):
    """The gate was asked to decide, and cannot compare with the champion on this data."""

    def __init__(self, name: str, version: str, reason: str) -> None:
        super().__init__(
            f"the gate cannot compare with {name} version {version}, the champion: {reason} "
            "(--promote never or always trains without comparing, --name another model)"
        )
        self.name, self.version, self.reason = name, version, reason


class NotTrained(TrainError):
    """A folder that holds no trained model to register."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} holds no trained model to register: {reason}")
        self.folder, self.reason = folder, reason


class NotRegistered(TrainError):
    """A model is trained and on disk, and the registry does not have it."""

    def __init__(self, reason: str, folder: Path) -> None:
        super().__init__(
            f"{reason}; the trained model is in {folder}: python -m train.resume {folder}"
        )
        self.reason, self.folder = reason, folder


class RealExport(TrainError):
    """A model of generated clients would overwrite a model of real ones."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds a model of real clients, which one of generated clients does not"
            " overwrite: name another folder with --export"
        )
        self.folder = folder


def version_of(number: str | None) -> str:
    """A version in a sentence."""
    return f"version {number}" if number else "no version"
