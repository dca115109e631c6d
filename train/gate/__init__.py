"""Who may become champion: the same clients, both models, stated limits."""

from train.gate.case import Case, Champion, Limits, Reloaded, Scores
from train.gate.judge import judge
from train.gate.verdict import Check, Verdict

__all__ = ["Case", "Champion", "Check", "Limits", "Reloaded", "Scores", "Verdict", "judge"]
