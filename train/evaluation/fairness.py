"""How decisions and probabilities fall on the groups of a protected attribute."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.contract import Vector
from train.evaluation.threshold import Lent
from train.fitting.folds import Outcomes
from train.home_credit.protected import protected

Labels = npt.NDArray[np.object_]

DAYS_A_YEAR = 365.25
AGES = (25, 35, 45, 55, 65)
BANDS = ("under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 and over")
NOT_STATED = "not stated"
MOST_GROUPS = 8
"""Values beyond which a column's rarer groups are judged together, as `OTHERS`."""
OTHERS = "all others"
NEED_NOT_BE_ALIKE = frozenset({"age"})
"""Attributes whose groups the gate lets be accepted unequally: a score that is empirically derived
may use age (US Regulation B, 12 CFR 1002.6(b)(2)). They are reported all the same."""
Z = 1.96
"""Standard errors on either side of a 95 % interval."""
SMALL = 100
"""Clients below which a group's rates say little: it is shown, flagged, and not compared."""
RAREST = 10
"""Clients of the rarer outcome below which the same holds."""
FOUR_FIFTHS = 0.8
"""The least ratio of acceptance that the US Uniform Guidelines (29 CFR 1607.4(D)) let pass without
asking why."""
COLUMNS = (
    *("attribute", "column", "group", "clients", "default_rate", "selection_rate"),
    *("false_refusal_rate", "mean_probability", "calibration_gap", "ratio", "small"),
)


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
        return _bands(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    if pa.types.is_temporal(kind) or pa.types.is_nested(kind):
        return None
    if pa.types.is_floating(kind):
        values = pc.if_else(pc.is_nan(values), None, values)
    texts = pc.fill_null(values.cast(pa.string()), NOT_STATED).to_numpy(zero_copy_only=False)
    if shared and attribute == "gender":
        texts = np.array([(text.split() or [NOT_STATED])[0] for text in texts])
    names, counts = np.unique(texts.astype(str), return_counts=True)
    if len(names) > MOST_GROUPS:
        most_frequent = names[np.argsort(-counts, kind="stable")][: MOST_GROUPS - 1]
        texts = np.where(np.isin(texts.astype(str), most_frequent), texts, OTHERS)
    labels: Labels = texts.astype(object)
    return labels


def _bands(values: Vector) -> Labels:
    """Bands of years, from years or from days before the application, which are negative."""
    years = np.where(values < 0, -values / DAYS_A_YEAR, values)
    labels: Labels = np.array(BANDS, object)[np.digitize(years, AGES)]
    labels[~np.isfinite(years)] = NOT_STATED
    return labels


@dataclass(frozen=True)
class Fairness:
    """A table with a row for each group of each attribute, under `COLUMNS`.

    `selection_rate` is the fraction that gets the loan, `false_refusal_rate` the fraction refused
    of those who repaid, `calibration_gap` mean probability of default minus default rate, `ratio`
    the group's selection rate over that of the attribute's most accepted group (four-fifths ratio),
    missing where `small` is true.
    """

    table: pd.DataFrame

    @property
    def below_four_fifths(self) -> dict[str, float]:
        """The least ratio of each attribute, as "gender (CODE_GENDER)", that has one below 4/5."""
        named = self.table["attribute"] + " (" + self.table["column"] + ")"
        least = self.table["ratio"].groupby(named, sort=False).min()
        return {str(name): float(ratio) for name, ratio in least.items() if ratio < FOUR_FIFTHS}

    def to_csv(self) -> str:
        """The table as CSV, rates to six digits."""
        return str(self.table.to_csv(index=False, float_format="%.6f"))


def fairness(
    defaulted: Outcomes, probability: Vector, lent: Lent, groupings: tuple[Grouping, ...]
) -> Fairness:
    """Measures every group; arrays are of shape (clients,), `probability` is of default."""
    bad = defaulted == 1
    rates = pd.DataFrame(
        {
            "default_rate": bad.astype(float),
            "selection_rate": lent.astype(float),
            "false_refusal_rate": np.where(bad, np.nan, ~lent),
            "mean_probability": probability,
        }
    )
    tables = [_table(rates, grouping) for grouping in groupings]
    empty = pd.DataFrame(columns=list(COLUMNS))
    return Fairness(pd.concat(tables, ignore_index=True) if tables else empty)


def _table(rates: pd.DataFrame, grouping: Grouping) -> pd.DataFrame:
    by_group = rates.groupby(pd.Series(grouping.labels, name="group"))
    table = by_group.mean()
    table["clients"] = by_group.size()
    table["calibration_gap"] = table["mean_probability"] - table["default_rate"]
    counts = table["clients"].to_numpy(float)
    defaults, loans = (
        (table[rate] * counts).to_numpy() for rate in ("default_rate", "selection_rate")
    )
    table["small"] = is_small(counts, defaults.round(), loans.round())
    compared = table["selection_rate"].where(~table["small"])
    table["ratio"] = compared / compared.max() if compared.max() > 0 else np.nan
    named = table.reset_index().assign(attribute=grouping.attribute, column=grouping.column)
    return named.sort_values("group", key=_by_age, kind="stable")[list(COLUMNS)]


def is_small(clients: Vector, bad: Vector, lent: Vector) -> npt.NDArray[np.bool_]:
    """Which groups are too small to compare, by their clients and how many of these defaulted and
    got the loan: where the 95 % interval of the accepted fraction leaves 0 to 1, too."""
    rate = lent / clients
    error = Z * np.sqrt(rate * (1 - rate) / clients)
    uncertain = (rate < error) | (1 - rate < error)
    rarest = np.minimum(bad, clients - bad)
    small: npt.NDArray[np.bool_] = (clients < SMALL) | (rarest < RAREST) | uncertain
    return small


def _by_age(names: "pd.Series[str]") -> "pd.Series[str]":
    """The youngest first; by name where groups are no ages."""
    return names.map(lambda name: f"{BANDS.index(name)}" if name in BANDS else name)
