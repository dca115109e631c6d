"""The contract: what each column of the model is, and how one value of it becomes a number."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from scoring_model import written

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
Reader = Callable[[Any], float]

MISSING = math.nan
NUMBERS = (float, int, Decimal)
NUMPY = (np.ndarray, np.generic)
DIRECTIONS = {"down": (-1,), "up": (1,), "both": (-1, 1)}


class Unreadable(Exception):
    """A value is not of its column's kind."""


@dataclass(frozen=True)
class Change:
    """How a client can change a number: in which direction, by multiples of `step`.

    `proportional` names columns that the caller computes from this one, and that rise and fall in
    proportion to it. Raises ValueError for another direction, and a step that is not above 0.
    """

    direction: Literal["down", "up", "both"]
    step: float
    proportional: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS or not 0 < self.step < math.inf:
            raise ValueError(f"{self.direction} by {self.step}: no such change")

    @property
    def signs(self) -> tuple[int, ...]:
        """-1 for down, 1 for up."""
        return DIRECTIONS[self.direction]

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Raises ValueError, KeyError or TypeError if `raw` is no change."""
        return cls(raw["direction"], float(raw["step"]), tuple(raw.get("proportional", ())))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        proportional = {"proportional": self.proportional} if self.proportional else {}
        return {"direction": self.direction, "step": self.step, **proportional}


@dataclass(frozen=True)
class Feature:
    """One column that a caller may send.

    `categories` are in the order of their codes and empty for a number. `seen` holds what
    training saw: for a number min, max, mean and median, for both kinds the fraction missing.
    `min` is the least value that is possible at all; `positive`: zero and below are not possible.
    `change`: how a client can change it, None where a client cannot.
    `weight` is the column's share of the model's total gain. `display` says how a person reads the
    column: `label` and `unit` by language, `group`, `format` (number, amount, percent, date, days,
    days_ago, months, months_ago, flag or category) and `names` of values by language. Models of
    earlier releases have none of these three.
    Where training found numbers written as text, or dates, a caller may send the same: a number
    with `number_as_text`, and with `days_from` (ISO 8601) a date, which counts as its days from
    there, below zero before it.
    """

    name: str
    kind: Literal["number", "category"]
    categories: tuple[str, ...] = ()
    seen: Mapping[str, float] = field(default_factory=dict)
    min: float | None = None
    positive: bool = False
    change: Change | None = None
    weight: float | None = None
    display: Mapping[str, Any] = field(default_factory=dict)
    number_as_text: bool = False
    days_from: str | None = None

    @cached_property
    def codes(self) -> Mapping[str, float]:
        """The position of each category."""
        return {name: float(code) for code, name in enumerate(self.categories)}

    @cached_property
    def read(self) -> Reader:
        """Turns one value of this column into its float64. Raises Unreadable."""
        if self.kind == "number":
            written_otherwise = self.number_as_text or self.days_from
            return self._read_written if written_otherwise else read_number
        return partial(read_category, codes=self.codes)

    def _read_written(self, value: Any) -> float:
        """A number, a number in text, or a date, whichever the column has."""
        value, found = plain(value), None
        if self.days_from and isinstance(value, str | date) and not _is_pandas_missing(value):
            found = written.days(value, self.days_from)
        elif isinstance(value, str) and self.number_as_text:
            found = written.number(value)
        return read_number(value) if found is None else found

    @property
    def expected(self) -> str:
        """What a value of this column must be, for error messages."""
        if self.kind == "number":
            return "a date (YYYY-MM-DD) or a number of days" if self.days_from else "a number"
        return "a category name or its position in the contract's list"

    def to_dict(self) -> dict[str, Any]:
        """For JSON; bounds, change, weight and display facts only where there are any."""
        raw = asdict(self)
        del raw["change"]
        absent = {"min": self.min is None, "positive": not self.positive}
        absent |= {"weight": self.weight is None, "display": not self.display}
        absent |= {"number_as_text": not self.number_as_text, "days_from": self.days_from is None}
        kept = {name: value for name, value in raw.items() if not absent.get(name)}
        return kept | ({"change": self.change.to_dict()} if self.change else {})

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Raises ValueError, KeyError or TypeError if `raw` is no feature."""
        change = {"change": Change.from_dict(raw["change"])} if "change" in raw else {}
        return cls(**{**raw, "categories": tuple(raw["categories"]), **change})


@dataclass(frozen=True)
class Contract:
    """The columns of the model, in its order, and the name of the id column.

    `unused` names the columns of the training data that the model does not use. `generated` says
    that the clients of the training data were made up. `groups` has the titles of the groups of
    columns by language, in the order in which a form shows them.
    """

    id: str
    features: tuple[Feature, ...]
    unused: tuple[str, ...] = ()
    generated: bool = False
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def columns(self) -> list[str]:
        """Names in model order."""
        return [feature.name for feature in self.features]

    def restricted_to(self, columns: Sequence[str]) -> Self:
        """The contract of a model that uses `columns` alone, in the order of this contract."""
        kept = set(columns)
        features = tuple(feature for feature in self.features if feature.name in kept)
        dropped = (name for name in self.columns if name not in kept)
        return replace(self, features=features, unused=(*self.unused, *dropped))

    def to_json(self) -> str:
        """The contract as indented JSON; `from_json` reads it back equal."""
        features = [feature.to_dict() for feature in self.features]
        raw: dict[str, Any] = {"id": self.id, "features": features}
        if self.unused:
            raw["unused"] = self.unused
        if self.generated:
            raw["generated"] = True
        if self.groups:
            raw["groups"] = self.groups
        return json.dumps(raw, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError if `text` is not a contract."""
        raw = json.loads(text)
        features = map(Feature.from_dict, raw["features"])
        unused, generated = tuple(raw.get("unused", ())), raw.get("generated") is True
        return cls(raw["id"], tuple(features), unused, generated, raw.get("groups", {}))


def typical_clients(contract: Contract, ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Made-up clients, one for each id: the first has the median of every number and the first of
    every category, the others lie between that and the least or greatest value in turn."""
    return [
        {contract.id: id}
        | {feature.name: _typical(feature, number) for feature in contract.features}
        for number, id in enumerate(ids)
    ]


def _typical(feature: Feature, number: int) -> Any:
    if feature.kind == "category":
        return feature.categories[number % len(feature.categories)]
    median = feature.seen.get("median")
    if median is None or number == 0:
        return median
    end = feature.seen["max" if number % 2 else "min"]
    return median + (end - median) * 0.25


def read_number(value: Any) -> float:
    """The float64 of a number; NaN for None, NaN, NaT, NA and +-inf.

    Text and booleans are not numbers. Raises Unreadable.
    """
    value = plain(value)
    if value is None:
        return MISSING
    if isinstance(value, NUMBERS) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # an integer beyond float64 is as infinite as 1e400
            return MISSING
        return number if math.isfinite(number) else MISSING
    if _is_pandas_missing(value):
        return MISSING
    raise Unreadable


def read_category(value: Any, codes: Mapping[str, float]) -> float:
    """The position of a category given as its name or as its position; NaN if unknown.

    A boolean is the category "true" or "false". Raises Unreadable for a fraction and for
    what is neither text nor number.
    """
    value = plain(value)
    if isinstance(value, str):
        return codes.get(value, MISSING)
    if isinstance(value, bool):
        return codes.get("true" if value else "false", MISSING)
    position = read_number(value)
    if math.isnan(position):
        return MISSING
    if not position.is_integer():
        raise Unreadable
    return position if 0 <= position < len(codes) else MISSING


def is_missing(value: Any) -> bool:
    """Whether nothing was sent: None, NaN, NaT or NA."""
    value = plain(value)
    is_nan = isinstance(value, float) and math.isnan(value)
    return value is None or is_nan or _is_pandas_missing(value)


def plain(value: Any) -> Any:
    """The Python object inside a numpy scalar or 0-d array; anything else as it is."""
    return value.item() if isinstance(value, NUMPY) and value.ndim == 0 else value


def _is_pandas_missing(value: Any) -> bool:
    """pandas.NA and NaT, recognised by name: this module does not import pandas."""
    return type(value).__name__ in {"NAType", "NaTType"}
