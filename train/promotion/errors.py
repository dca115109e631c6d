"""What can keep an alias where it is."""

from train.errors import TrainError


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


def _spoken(version: str | None) -> str:
    return f"version {version}" if version else "no version"
