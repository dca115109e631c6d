"""What can go wrong between a file of clients and a file of decisions."""

from typing import Any

from train.errors import TrainError

MAX_SHOWN = 40
"""Characters of an offending value that a message quotes."""


class NoReasons(TrainError):
    """--reasons was asked of a model that was logged without them."""

    def __init__(self, version: str) -> None:
        super().__init__(f"model {version} gives no reasons: leave out --reasons")
        self.version = version


class UnknownOutput(TrainError):
    """The ending of --out is neither CSV nor Parquet."""

    def __init__(self, path: str) -> None:
        super().__init__(f"--out {path} must end in .csv, .csv.gz or .parquet")
        self.path = path


class NoKnownColumn(TrainError):
    """A table has not one of the columns that the model looks at."""

    def __init__(self, table: str) -> None:
        super().__init__(f"{table} has none of the model's columns")
        self.table = table


class UnnumberedOnSpark(TrainError):
    """Spark keeps no order of rows, so that it cannot number them for a model without an id."""

    def __init__(self, table: str, id: str) -> None:
        super().__init__(f"{table} on Spark needs a column {id} that names its rows")
        self.table, self.id = table, id


class MissingId(TrainError):
    """A row does not say which client it is; rows are counted from 0."""

    def __init__(self, table: str, column: str, row: int | None) -> None:
        where = "a row" if row is None else f"row {row}"
        super().__init__(f"{where} of {table} has no {column}")
        self.table, self.column, self.row = table, column, row


class UnreadableValue(TrainError):
    """A value is not of its column's kind; rows are counted from 0."""

    def __init__(self, row: int, column: str, value: Any, expected: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "…"
        super().__init__(f"row {row}, column {column}: {shown} is not {expected}")
        self.row, self.column, self.value, self.expected = row, column, value, expected


class UnreadableOnSpark(TrainError):
    """The same where rows have no order, and so no number."""

    def __init__(self, table: str, column: str, expected: str) -> None:
        super().__init__(f"column {column} of {table} holds a value that is not {expected}")
        self.table, self.column, self.expected = table, column, expected
