"""Which tables have row models, what these see of a row, and what a client's columns are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ibis import _

from train.data.schema import Kind, kinds
from train.features.previous import INTEREST
from train.features.rows import over

STATISTICS = ("MAX", "MEAN", "SUM", "LAST")
"""Of the scores of a client's rows; LAST is that of the newest row."""


@dataclass(frozen=True)
class RowTable:
    """A history table, each row of which gets a score: the probability that its client defaults.

    `id` names a row, and of two rows the one with the greater `newest` (days from the application,
    negative) is the newer. Row models see every published column but ids, and the ratios `made`.
    """

    name: str
    prefix: str
    id: str
    newest: str
    made: Mapping[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of a client."""
        return tuple(f"ROWS_{self.prefix}_{statistic}" for statistic in STATISTICS)

    @property
    def published(self) -> dict[str, Kind]:
        """The columns of a row that a model sees as they are, ids left out."""
        return {n: kind for n, kind in kinds(self.name).items() if not n.startswith("SK_ID_")}


TABLES = (
    RowTable(
        "previous_application",
        "PREV",
        "SK_ID_PREV",
        "DAYS_DECISION",
        {
            "APPLICATION_TO_CREDIT": over(_.AMT_APPLICATION, _.AMT_CREDIT),
            "CREDIT_TO_GOODS": over(_.AMT_CREDIT, _.AMT_GOODS_PRICE),
            "TERM": over(_.AMT_CREDIT, _.AMT_ANNUITY),
            "INTEREST": INTEREST,
        },
    ),
    RowTable(
        "bureau",
        "BUREAU",
        "SK_ID_BUREAU",
        "DAYS_CREDIT",
        {"DEBT_TO_CREDIT": over(_.AMT_CREDIT_SUM_DEBT, _.AMT_CREDIT_SUM)},
    ),
)
COLUMNS = tuple(column for table in TABLES for column in table.columns)
