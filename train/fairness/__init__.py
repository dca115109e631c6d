"""How a model treats the groups that the law protects."""

from train.fairness.groups import Grouping, groupings
from train.fairness.measures import FOUR_FIFTHS, Fairness, fairness, is_small
from train.fairness.plot import plot

__all__ = ["FOUR_FIFTHS", "Fairness", "Grouping", "fairness", "groupings", "is_small", "plot"]
