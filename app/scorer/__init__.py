"""Who scores: one protocol, and the two forms that obey it."""

from app.scorer.champion import Champion
from app.scorer.choice import choose
from app.scorer.protocol import Reply, Score, Scorer

__all__ = ["Champion", "Reply", "Score", "Scorer", "choose"]
