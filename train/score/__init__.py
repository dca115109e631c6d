"""Many clients at once: tables or a file in, a file of decisions out, by the registered model."""

from train.score.run import Request, score

__all__ = ["Request", "score"]
