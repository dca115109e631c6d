"""The history features once more, in pandas alone: what the project is compared with."""

from tests.train.oracle.build import features

__all__ = ["features"]
