"""The history features once more, in pandas alone: what the project is compared with."""

from benchmarks.features_in_pandas.build import features

__all__ = ["features"]
