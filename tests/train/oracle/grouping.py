"""Statistics of a client's rows: a group-by for each set of rows, whole columns at a time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

KEY = "SK_ID_CURR"
ROWS = "ROWS"
"""Stands for the rows themselves where they are counted."""

Wanted = Mapping[str, str]
"""{statistic: names of columns}."""

PANDAS = {"share": "mean", "count": "sum", "value": "max"}
"""What pandas calls the share of a flag, the number of rows with a flag, a single row's value."""


def read(folder: Path, table: str, columns: str, texts: str = "") -> pd.DataFrame:
    """Those columns of a Parquet table; `texts` become categories."""
    words = texts.split()
    path = folder / f"{table}.parquet"
    return pd.read_parquet(path, columns=[*columns.split(), *words], read_dictionary=words)


def by_client(
    rows: pd.DataFrame,
    prefix: str,
    wanted: Wanted,
    *,
    window: str = "",
    where: "pd.Series[bool] | None" = None,
    money: str = "",
) -> pd.DataFrame:
    """A row per client of `rows` (where `where` holds), a column for each statistic wanted.

    They are called PREFIX_COLUMN_STATISTIC[_WINDOW]. Sums of `money` columns are rounded to
    thousandths.
    """
    if where is not None:
        used = {name for columns in wanted.values() for name in columns.split()} - {ROWS}
        rows = rows.loc[where, [KEY, *sorted(used)]]
    grouped = rows.groupby(KEY, sort=False)
    parts: list[pd.DataFrame] = []
    for statistic, columns in wanted.items():
        words = columns.split()
        if ROWS in words:
            parts.append(grouped.size().to_frame(_named(prefix, "", statistic, window)))
        names = [name for name in words if name != ROWS]
        for of_money in (False, True):
            listed = [name for name in names if (name in money.split()) == of_money]
            if listed:
                part = _statistic(grouped[listed], statistic, of_money)
                part.columns = pd.Index([_named(prefix, n, statistic, window) for n in listed])
                parts.append(part)
    return pd.concat(parts, axis=1)


def newest(rows: pd.DataFrame, order: str, count: int) -> pd.DataFrame:
    """The latest `count` rows of each client by the columns of `order`, with their `place` from 0.

    A rank by the first column leaves few rows to be sorted by all of them.
    """
    columns = order.split()
    rank = rows.groupby(KEY, sort=False)[columns[0]].rank(
        method="min", ascending=False, na_option="bottom"
    )
    few = rows[rank <= count].sort_values(columns, ascending=False, na_position="last")
    place = few.groupby(KEY, sort=False).cumcount()
    return few.assign(place=place)[place < count]


def over(amount: "pd.Series[float]", base: "pd.Series[float]") -> "pd.Series[float]":
    """amount / base, missing where the base is 0."""
    return amount / base.where(base != 0)


def _named(prefix: str, column: str, statistic: str, window: str) -> str:
    said = "" if statistic == "value" else statistic.upper()
    return "_".join(part for part in (prefix, column, said, window) if part)


def _statistic(
    grouped: "pd.api.typing.DataFrameGroupBy[Any, Any]", statistic: str, money: bool
) -> pd.DataFrame:
    how = PANDAS.get(statistic, statistic)
    if money and how in ("mean", "sum"):
        total = grouped.sum().round(3)
        return total if how == "sum" else total / grouped.count().replace(0, np.nan)
    made: pd.DataFrame = getattr(grouped, how)()
    if statistic == "value":
        return made.astype(float)
    return _rounded(made) if how in ("mean", "std", "var") else made


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """To six decimals, halves away from zero as databases round; numpy rounds them to the even."""
    scaled = frame.to_numpy(float) * 1e6
    values = np.trunc(scaled + np.copysign(0.5, scaled)) / 1e6
    return pd.DataFrame(values, frame.index, frame.columns)
