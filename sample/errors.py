"""Errors that a user of the generator can cause: each is built from facts."""

from pathlib import Path


class SampleError(Exception):
    """Root of the generator's errors."""


class UnusableScale(SampleError):
    """A sample was asked for at a scale that cannot be generated."""

    def __init__(self, scale: float) -> None:
        super().__init__(f"--scale must be above 0 and at most 1, got {scale:g}")
        self.scale = scale


class UnusableSeed(SampleError):
    """A sample was asked for with a seed that starts no random stream."""

    def __init__(self, seed: int) -> None:
        super().__init__(f"--seed must be 0 or more, got {seed}")
        self.seed = seed


class UnwritableFolder(SampleError):
    """A folder cannot be made or written to."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write to {path}: {reason}")
        self.path, self.reason = path, reason


class MissingTable(SampleError):
    """A folder to report on lacks a table."""

    def __init__(self, path: Path, table: str) -> None:
        super().__init__(f"{path} holds no {table} (looked for {table}.parquet and {table}.csv)")
        self.path, self.table = path, table


class DatabaseError(SampleError):
    """DuckDB refuses its settings, cannot read a table, or has too little memory for it."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"cannot read {what}: {reason}")
        self.what, self.reason = what, reason
