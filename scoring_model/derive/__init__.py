"""Derived columns: computed from a client's own row, at training and at scoring."""

from scoring_model.derive.derivation import Derivation

__all__ = ["Derivation"]
