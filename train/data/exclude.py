"""Columns that the user does not want the model to see."""

from collections.abc import Sequence

from train.errors import MissingColumn


def check_excluded(columns: Sequence[str], features: Sequence[str]) -> None:
    """Raises MissingColumn for a column that is no feature."""
    for name in columns:
        if name not in features:
            raise MissingColumn("the data", name, features)
