"""Errors of training: each is built from facts and says them in one sentence."""

import sys
from collections.abc import Sequence
from pathlib import Path


class TrainError(Exception):
    """Root of the errors that a user of `train` can cause and mend."""


class UnwritableFolder(TrainError):
    """A folder cannot be made or written to."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write to {path}: {reason}")
        self.path, self.reason = path, reason


class MissingPath(TrainError):
    """What --data names is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} does not exist: --data wants a folder of tables or one file")
        self.path = path


class UnknownFormat(TrainError):
    """A file is neither CSV nor Parquet."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is neither a CSV (.csv, .csv.gz) nor a Parquet (.parquet) file")
        self.path = path


class MissingTable(TrainError):
    """A folder lacks the one table that is required."""

    def __init__(self, path: str, table: str) -> None:
        super().__init__(f"{path} holds no {table} (looked for {table}.parquet and {table}.csv)")
        self.path, self.table = path, table


class UnreadableTable(TrainError):
    """A file cannot be read as the table that it should be."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(f"cannot read {table}: {reason}")
        self.table, self.reason = table, reason


class EmptyTable(TrainError):
    """The table of clients has no rows."""

    def __init__(self, table: str) -> None:
        super().__init__(f"{table} has no rows")
        self.table = table


class MissingColumn(TrainError):
    """A table lacks a column that is needed."""

    def __init__(self, table: str, column: str, found: Sequence[str]) -> None:
        super().__init__(f"{table} has no column {column} (it has {_listed(found)})")
        self.table, self.column, self.found = table, column, tuple(found)


class WrongType(TrainError):
    """A published column holds another kind of value than published."""

    def __init__(self, table: str, column: str, wanted: str, found: str) -> None:
        super().__init__(f"{table}.{column} should hold {wanted} but holds {found}")
        self.table, self.column, self.wanted, self.found = table, column, wanted, found


class MissingValues(TrainError):
    """A column that must be filled in every row is not."""

    def __init__(self, table: str, column: str, count: int) -> None:
        rows = "row" if count == 1 else "rows"
        super().__init__(f"{table}.{column} is missing in {count} {rows}; it must be known in all")
        self.table, self.column, self.count = table, column, count


class DuplicateIds(TrainError):
    """Two rows carry the same client id."""

    def __init__(self, table: str, column: str, count: int, examples: Sequence[object]) -> None:
        ids = "id occurs" if count == 1 else "ids occur"
        super().__init__(
            f"{table}.{column} must name each client once: {count} {ids} more than once "
            f"({_listed(examples, count)})"
        )
        self.table, self.column, self.count, self.examples = table, column, count, tuple(examples)


class NonBinaryTarget(TrainError):
    """The target does not have exactly two values."""

    def __init__(self, table: str, column: str, values: Sequence[object], count: int) -> None:
        different = "one value" if count == 1 else f"{count} different values"
        super().__init__(
            f"{table}.{column} must have exactly two values, it has {different} "
            f"({_listed(values, count)})"
        )
        self.table, self.column, self.values, self.count = table, column, tuple(values), count


class UnknownPositive(TrainError):
    """Which of the target's two values is the bad outcome is not said, or is neither."""

    def __init__(self, column: str, values: Sequence[object], positive: str | None) -> None:
        asked = "it is not 0/1" if positive is None else f"--positive {positive} is neither"
        super().__init__(
            f"{column} has the values {_listed(values)} and {asked}: "
            f"name the one to predict with --positive"
        )
        self.column, self.values, self.positive = column, tuple(values), positive


class UnnumberedRows(TrainError):
    """Spark keeps no order of rows, so it cannot number the rows of a file without an id."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} on Spark needs an id column: name it with --id")
        self.path = path


class UnusableSetting(TrainError):
    """An engine refuses a setting."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the engine refuses its settings: {reason}")
        self.reason = reason


class OutOfMemory(TrainError):
    """The engine could not finish within its memory limit, even spilling to disk."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} needs more memory (raise --memory): {reason}")
        self.what, self.reason = what, reason


class MissingSpark(TrainError):
    """Spark was asked for and is not installed."""

    def __init__(self) -> None:
        super().__init__("--engine spark needs PySpark: pip install 'credit-scoring[spark]'")


def _listed(values: Sequence[object], count: int | None = None, most: int = 6) -> str:
    """The first few of `values` for a message, with ... where there are more."""
    shown = [f"{value}"[:40] for value in values[:most]]
    return ", ".join(shown) + (", ..." if (count or len(values)) > len(shown) else "")


class TooFewClients(TrainError):
    """Cross-validation needs some of each outcome in every fold."""

    def __init__(self, rarest: int, folds: int) -> None:
        super().__init__(
            f"{rarest} clients of the rarer outcome are too few for {folds} folds: "
            f"at least {2 * folds} are needed"
        )
        self.rarest, self.folds = rarest, folds


class TooFewPersons(TrainError):
    """Cross-validation needs some persons of each outcome in every fold."""

    def __init__(self, rarest: int, folds: int) -> None:
        super().__init__(f"{rarest} persons of the rarer outcome are too few for {folds} folds")
        self.rarest, self.folds = rarest, folds


class TooFewInFold(TrainError):
    """A fold in time lacks one of the outcomes, before it or in it."""

    def __init__(self, fold: int, folds: int) -> None:
        super().__init__(
            f"--time-column leaves fold {fold} of {folds} fewer than 2 clients of an outcome to "
            f"learn from or to judge on: ask for fewer --folds"
        )
        self.fold, self.folds = fold, folds


class UnusableCategories(TrainError):
    """A column that is declared a category cannot be one."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"--categories {column}: {reason}")
        self.column, self.reason = column, reason


class TooFewInHoldout(TrainError):
    """Training or holdout would lack one of the outcomes."""

    def __init__(self, share: float, rarest: int) -> None:
        super().__init__(
            f"--holdout {share:g} leaves {rarest} clients of the rarer outcome on one side: "
            f"at least 2 are needed"
        )
        self.share, self.rarest = share, rarest


class UnusableSign(TrainError):
    """A sign constraint that cannot be kept."""

    def __init__(self, asked: str, wanted: str) -> None:
        super().__init__(f"--monotone {asked} must be {wanted}")
        self.asked, self.wanted = asked, wanted


class NoFeatures(TrainError):
    """Nothing is left to learn from."""

    def __init__(self) -> None:
        super().__init__("the data has no column that could be a feature")


class UnreachableStore(TrainError):
    """The MLflow tracking store or registry does not answer."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"the tracking store {uri} cannot be used: {reason}")
        self.uri, self.reason = uri, reason


class NoTarget(TrainError):
    """A single file does not say by itself which column is the outcome."""

    def __init__(self) -> None:
        super().__init__("--target must name the column of the outcome")


class MissingModel(TrainError):
    """--model names nothing that can score."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"no model {uri}: {reason}")
        self.uri, self.reason = uri, reason


class RefusedByModel(TrainError):
    """The model does not take what it is asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the model refuses: {reason}")
        self.reason = reason


class UnusableSample(TrainError):
    """No sample could be generated to train on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


USER_ERROR, REFUSED = 2, 3


def failed(program: str, error: TrainError) -> int:
    """The exit code after one line on stderr: there is something for the user to mend."""
    print(f"{program}: {error}", file=sys.stderr)
    return USER_ERROR


def ended(says: str, refused: bool) -> int:
    """0, or the exit code of a refusal that the user wants to be one; prints what was done."""
    print(says)
    return REFUSED if refused else 0
