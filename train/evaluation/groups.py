"""Which group of each protected attribute every client belongs to, read from raw columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from train.home_credit.protected import protected

Labels = npt.NDArray[np.object_]

DAYS_A_YEAR = 365.25
AGES = (25, 35, 45, 55, 65)
BANDS = ("under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 and over")
NOT_STATED = "not stated"
MOST_GROUPS = 8
"""Values beyond which a column's rarer groups are judged together."""
OTHERS = "all others"
NEED_NOT_BE_ALIKE = frozenset({"age"})
"""Attributes whose groups the gate lets be accepted unequally: a score that is empirically derived
may use age (US Regulation B, 12 CFR 1002.6(b)(2)). They are reported all the same."""


@dataclass(frozen=True)
class Grouping:
    """The groups of one attribute: `labels` is of shape (clients,), a text for each client.

    `column` is where they were read, `alike` whether the gate limits how much the acceptance of
    the groups may differ.
    """

    attribute: str
    column: str
    labels: Labels

    @property
    def alike(self) -> bool:
        """False for age."""
        return self.attribute not in NEED_NOT_BE_ALIKE

    @property
    def name(self) -> str:
        """Unique among a table's groupings, and fit for the key of an MLflow tag."""
        return re.sub(r"\W+", "_", f"{self.attribute} {self.column}")

    def of(self, rows: npt.NDArray[Any]) -> "Grouping":
        """The same for some of the clients, given by position or by a mask."""
        return replace(self, labels=self.labels[rows])


def groupings(columns: Mapping[str, pa.ChunkedArray]) -> tuple[Grouping, ...]:
    """The protected attributes among raw columns, whether the model uses them or not.

    A column that puts all clients into one group is left out: there is nothing to compare.
    """
    found = (
        Grouping(attribute, name, labels)
        for name, attributes in protected(columns).items()
        for attribute in attributes
        if (labels := _labels(columns[name], attribute, len(attributes) > 1)) is not None
    )
    return tuple(grouping for grouping in found if len(set(grouping.labels)) > 1)


def _labels(values: pa.ChunkedArray, attribute: str, shared: bool) -> Labels | None:
    """None for what cannot be put into groups, such as a date of birth without a date to hold it
    against. A column `shared` with another attribute says the gender in its first word."""
    kind = values.type
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if number and attribute == "age":
        return _bands(values)
    if pa.types.is_temporal(kind) or pa.types.is_nested(kind):
        return None
    if pa.types.is_floating(kind):
        values = pc.if_else(pc.is_nan(values), None, values)
    texts = pc.fill_null(values.cast(pa.string()), NOT_STATED).to_numpy(zero_copy_only=False)
    if shared and attribute == "gender":
        texts = np.array([(text.split() or [NOT_STATED])[0] for text in texts])
    return _without_rarest(texts.astype(object))


def _bands(values: pa.ChunkedArray) -> Labels:
    """Bands of years, from years or from days before the application, which are negative."""
    numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    years = np.where(numbers < 0, -numbers / DAYS_A_YEAR, numbers)
    labels: Labels = np.array(BANDS, object)[np.digitize(years, AGES)]
    labels[~np.isfinite(years)] = NOT_STATED
    return labels


def _without_rarest(labels: Labels) -> Labels:
    names, counts = np.unique(labels.astype(str), return_counts=True)
    if len(names) <= MOST_GROUPS:
        return labels
    kept = set(names[np.argsort(-counts, kind="stable")][: MOST_GROUPS - 1].tolist())
    return np.array([label if label in kept else OTHERS for label in labels], object)
