"""What is computed from a client's own row: the contract's columns become the model's columns."""

from scoring_model.derive.derivation import Derivation

__all__ = ["Derivation"]
