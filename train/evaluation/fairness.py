"""How decisions and probabilities fall on the groups of a protected attribute."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring_model.contract import Vector
from train.evaluation.groups import BANDS, Grouping
from train.fitting.folds import Outcomes

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
    "attribute",
    "column",
    "group",
    "clients",
    "default_rate",
    "selection_rate",
    "false_refusal_rate",
    "mean_probability",
    "calibration_gap",
    "ratio",
    "small",
)


@dataclass(frozen=True)
class Fairness:
    """A table with a row for each group of each attribute, under `COLUMNS`.

    `selection_rate` is the share that gets the loan, `false_refusal_rate` the share refused of
    those who repaid, `calibration_gap` mean probability of default minus default rate, `ratio` the
    group's selection rate over that of the attribute's most accepted group (four-fifths ratio),
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
    defaulted: Outcomes,
    probability: Vector,
    lent: npt.NDArray[np.bool_],
    groupings: tuple[Grouping, ...],
) -> Fairness:
    """Measures every group; arrays are of shape (clients,), `probability` is of default."""
    tables = [_table(defaulted, probability, lent, grouping) for grouping in groupings]
    empty = pd.DataFrame(columns=list(COLUMNS))
    return Fairness(pd.concat(tables, ignore_index=True) if tables else empty)


def is_small(clients: Vector, bad: Vector, lent: Vector) -> npt.NDArray[np.bool_]:
    """Which groups are too small to compare, by their clients and how many of these defaulted and
    got the loan: where the 95 % interval of the accepted fraction leaves 0 to 1, too."""
    rate = lent / clients
    error = Z * np.sqrt(rate * (1 - rate) / clients)
    uncertain = (rate < error) | (1 - rate < error)
    rarest = np.minimum(bad, clients - bad)
    small: npt.NDArray[np.bool_] = (clients < SMALL) | (rarest < RAREST) | uncertain
    return small


def _table(
    defaulted: Outcomes,
    probability: Vector,
    lent: npt.NDArray[np.bool_],
    grouping: Grouping,
) -> pd.DataFrame:
    bad = defaulted == 1
    values = {
        "default_rate": bad.astype(float),
        "selection_rate": lent.astype(float),
        "false_refusal_rate": np.where(bad, np.nan, ~lent),
        "mean_probability": probability,
    }
    by_group = pd.DataFrame(values).groupby(pd.Series(grouping.labels, name="group"))
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
    table = named.sort_values("group", key=_by_age, kind="stable")
    return table[list(COLUMNS)]


def _by_age(names: "pd.Series[str]") -> "pd.Series[str]":
    """The youngest first; by name where groups are no ages."""
    return names.map(lambda name: f"{BANDS.index(name)}" if name in BANDS else name)
