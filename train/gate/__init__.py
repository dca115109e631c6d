"""Who may become champion: the same clients, both models, stated limits."""

from train.gate.case import RESULT, Case, Champion, Limits, Reloaded, Scores, Verdict
from train.gate.judge import judge

__all__ = ["RESULT", "Case", "Champion", "Limits", "Reloaded", "Scores", "Verdict", "judge"]
