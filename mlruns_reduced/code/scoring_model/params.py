"""What a caller may ask of the model in one call. Standard library only."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, Self

from scoring_model.errors import InvalidParameter

LANGUAGES = ("en", "fr")
MOST_COUNTERFACTUALS = 3


@dataclass(frozen=True)
class Params:
    """Options of one prediction.

    - `threshold`: a solvency from 0 to 1 instead of the model's own threshold.
    - `reasons`: how many reasons to give for each client at most.
    - `reasons_for`: "all" clients, or only those "refused".
    - `checks`: whether to add coverage and warnings.
    - `min_coverage`: clients with less coverage than this, 0 to 1, cannot be scored.
    - `lang`: "en" or "fr", the language of each reason's sentence; None for all, by language.
    - `invalid_rows`: "raise" an error for input that cannot be scored, or "report" the problems.
    - `counterfactuals`: how many, at most MOST_COUNTERFACTUALS, to give for each refused client.
    """

    threshold: float | None = None
    reasons: int = 0
    checks: bool = False
    min_coverage: float = 0.0
    lang: str | None = None
    invalid_rows: str = "raise"
    reasons_for: str = "all"
    counterfactuals: int = 0

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """None counts as not given. Raises InvalidParameter, for unknown names too."""
        if unknown := [str(name) for name in params if name not in KNOWN]:
            raise InvalidParameter(", ".join(sorted(unknown)), f"one of {', '.join(KNOWN)}")
        return cls(
            fraction(params, "threshold"),
            _count(params, "reasons"),
            _flag(params, "checks"),
            fraction(params, "min_coverage") or 0.0,
            _choice(params, "lang", LANGUAGES),
            _choice(params, "invalid_rows", ("raise", "report")) or "raise",
            _choice(params, "reasons_for", ("all", "refused")) or "all",
            _count(params, "counterfactuals", MOST_COUNTERFACTUALS),
        )


KNOWN = tuple(field.name for field in fields(Params))


def fraction(params: Mapping[str, Any], name: str) -> float | None:
    """A number from 0 to 1, or None if it is not given. Raises InvalidParameter."""
    value = _value(params, name)
    if value is None:
        return None
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= float(value) <= 1:
        raise InvalidParameter(name, "a number from 0 to 1")
    return float(value)


def _count(params: Mapping[str, Any], name: str, most: float = math.inf) -> int:
    value = _value(params, name)
    if value is None:
        return 0
    if not isinstance(value, Integral) or isinstance(value, bool) or not 0 <= int(value) <= most:
        limit = "0 or more" if most == math.inf else f"from 0 to {most}"
        raise InvalidParameter(name, f"a whole number, {limit}")
    return int(value)


def _flag(params: Mapping[str, Any], name: str) -> bool:
    value = _value(params, name)
    if not isinstance(value, bool | None):
        raise InvalidParameter(name, "true or false")
    return bool(value)


def _choice(params: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str | None:
    value = _value(params, name)
    if value is not None and (not isinstance(value, str) or value not in choices):
        raise InvalidParameter(name, " or ".join(f'"{choice}"' for choice in choices))
    return value


def _value(params: Mapping[str, Any], name: str) -> Any:
    """The Python object inside a numpy scalar or 0-d array; anything else as it is."""
    value = params.get(name)
    return value if value is None or getattr(value, "ndim", None) != 0 else value.item()
