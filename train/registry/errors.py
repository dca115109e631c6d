"""What can keep an alias where it is."""

from collections.abc import Sequence

from train.errors import TrainError

SHOWN = 6
"""Names of columns in a sentence."""


class BusyRegistry(TrainError):
    """Another promotion holds the lock and does not end."""

    def __init__(self, lock: str, seconds: float) -> None:
        super().__init__(f"another promotion has held {lock} for {seconds:g} seconds")
        self.lock, self.seconds = lock, seconds


class LostLease(TrainError):
    """The lease was taken over: its holder took too long."""

    def __init__(self, name: str) -> None:
        super().__init__(f"another promotion has taken {name} over: no alias was moved")
        self.name = name


class ChampionMoved(TrainError):
    """Someone moved the alias although it was locked: with another tool, that is."""

    def __init__(self, name: str, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"champion of {name} should be {_spoken(expected)} and is {_spoken(found)}: "
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
    """A version whose run kept no scores to choose a threshold on."""

    def __init__(self, name: str, version: str, file: str) -> None:
        super().__init__(f"the run of {name} version {version} holds no {file}")
        self.name, self.version, self.file = name, version, file


class LacksColumns(TrainError):
    """The data lacks columns that the champion was taught."""

    def __init__(self, columns: Sequence[str], of: int) -> None:
        some = ", ".join(columns[:SHOWN]) + ", ..." * (len(columns) > SHOWN)
        super().__init__(f"the data lacks {len(columns)} of its {of} columns ({some})")
        self.columns, self.of = tuple(columns), of


class Incomparable(TrainError):
    """The gate was asked to decide, and cannot compare with the champion on this data."""

    def __init__(self, name: str, version: str, reason: str) -> None:
        super().__init__(
            f"the gate cannot compare with {name} version {version}, the champion: {reason} "
            "(--promote never or always trains all the same, --name another model)"
        )
        self.name, self.version, self.reason = name, version, reason


def _spoken(version: str | None) -> str:
    return f"version {version}" if version else "no version"
