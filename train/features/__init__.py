"""History tables as features of one client per row."""

from train.features.build import build, history_columns

__all__ = ["build", "history_columns"]
