"""Who takes part, one file each, in the order of the table."""

from benchmarks.serving.contestants import (
    bento,
    by_hand,
    constants,
    mlflow_flavor,
    mlflow_ours,
    mlserver,
    shim,
)
from benchmarks.serving.contestants.contestant import Contestant, environment

ALL = (
    mlflow_flavor.contestant,
    mlflow_ours.contestant,
    shim.forwarding,
    shim.in_process,
    shim.champion,
    shim.keeping,
    by_hand.contestant,
    bento.contestant,
    mlserver.contestant,
    constants.mlflow,
    constants.flask,
    by_hand.constant,
    bento.constant,
    mlserver.constant,
)

__all__ = ["ALL", "Contestant", "environment"]
