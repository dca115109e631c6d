"""What a caller may ask of the model for one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from scoring_model.errors import InvalidParameter

A_SHARE = "a number from 0 to 1"


@dataclass(frozen=True)
class Params:
    """`threshold` overrides the model's own, `reasons` is how many to give at most, `checks` adds
    coverage and warnings, and clients with less than `min_coverage` are refused."""

    threshold: float | None = None
    reasons: int = 0
    checks: bool = False
    min_coverage: float = 0.0

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """None counts as not given, other names are ignored. Raises InvalidParameter."""
        return cls(
            share(params, "threshold"),
            _count(params, "reasons"),
            _flag(params, "checks"),
            share(params, "min_coverage") or 0.0,
        )


NOTHING = Params()


def share(params: Mapping[str, Any], name: str) -> float | None:
    """A number from 0 to 1, or None if it is not given. Raises InvalidParameter."""
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
        raise InvalidParameter(name, A_SHARE)
    return float(value)


def _count(params: Mapping[str, Any], name: str) -> int:
    count = params.get(name)
    if count is None:
        return 0
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 0:
        raise InvalidParameter(name, "a whole number, 0 or more")
    return int(count)


def _flag(params: Mapping[str, Any], name: str) -> bool:
    flag = params.get(name)
    if flag is None:
        return False
    if not isinstance(flag, bool | np.bool_):
        raise InvalidParameter(name, "true or false")
    return bool(flag)
