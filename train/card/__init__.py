"""The model card: what a person who validates a model looks for."""

from train.card.changed import Changed, render_changed
from train.card.facts import Data, Factor, Facts, Judged, Measure, Tenth, measures, tenths
from train.card.render import Card, render

__all__ = [
    "Card",
    "Changed",
    "Data",
    "Factor",
    "Facts",
    "Judged",
    "Measure",
    "Tenth",
    "measures",
    "render",
    "render_changed",
    "tenths",
]
