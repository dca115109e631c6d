"""Who scores: one protocol, and the two forms that obey it."""

from app.scorer.choice import choose
from app.scorer.protocol import Reply, Score, Scorer

__all__ = ["Reply", "Score", "Scorer", "choose"]
