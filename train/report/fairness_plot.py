"""The groups of every protected attribute side by side."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from train.evaluation.fairness import FOUR_FIFTHS, Fairness

GOOD, BAD, LINE, FAINT = "#2a7f9e", "#c8553d", "#22313f", "#9aa5b1"
PANELS = (
    ("selection_rate", "share that gets the loan\n(dashed: 4/5 of the highest)"),
    ("false_refusal_rate", "share refused\nof those who repaid"),
    ("calibration_gap", "mean probability of default\nminus default rate"),
)
Z = 1.96
"""Standard errors on either side of a 95 % interval."""


def plot(fairness: Fairness, basis: str) -> Figure:
    """One row a group and a panel a measure, with 95 % intervals; `basis` says on whom.

    Small groups are paler and marked. The dashed line is four fifths of the attribute's highest
    selection rate.
    """
    table = fairness.table
    figure = Figure(figsize=(11, 0.34 * max(len(table), 3) + 2.0), layout="constrained")
    figure.suptitle(f"Fairness by protected attribute, {basis}: shares with 95 % intervals")
    for axes, (measure, label) in zip(
        figure.subplots(1, len(PANELS), sharey=True), PANELS, strict=True
    ):
        _panel(axes, table, measure)
        axes.set_xlabel(label)
    return figure


def _panel(axes: Axes, table: pd.DataFrame, measure: str) -> None:
    rows = np.arange(len(table))
    values, errors = table[measure].astype(float), _errors(table, measure)
    for row in rows:
        axes.errorbar(
            values.iloc[row],
            row,
            xerr=Z * errors.iloc[row],
            fmt="o",
            color=GOOD,
            alpha=0.35 if table["small"].iloc[row] else 1.0,
        )
    if measure == "selection_rate":
        _four_fifths(axes, table)
    if measure == "calibration_gap":
        axes.axvline(0, color=FAINT, linewidth=1)
    for edge in _edges(table):
        axes.axhline(edge, color=FAINT, linewidth=0.5)
    axes.set_yticks(rows, [_name(row) for row in table.to_dict("records")])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _errors(table: pd.DataFrame, measure: str) -> "pd.Series[float]":
    """Binomial standard errors; of the gap, those of the default rate."""
    clients, rate = table["clients"].astype(float), table["default_rate"].astype(float)
    if measure == "calibration_gap":
        share = rate
    elif measure == "false_refusal_rate":
        share, clients = table[measure].astype(float), clients * (1 - rate)
    else:
        share = table[measure].astype(float)
    return (share * (1 - share) / clients.clip(lower=1)) ** 0.5


def _four_fifths(axes: Axes, table: pd.DataFrame) -> None:
    for _, rows in table.groupby(["attribute", "column"], sort=False):
        best = rows.loc[~rows["small"].astype(bool), "selection_rate"].max()
        if best == best:  # not missing
            axes.vlines(
                FOUR_FIFTHS * best,
                rows.index.min() - 0.4,
                rows.index.max() + 0.4,
                color=BAD,
                linestyle="--",
                linewidth=1,
            )


def _edges(table: pd.DataFrame) -> list[float]:
    """Between the last group of one column and the first of the next."""
    named = table["attribute"] + table["column"]
    return [float(row) - 0.5 for row in np.flatnonzero(named.ne(named.shift()))[1:]]


def _name(row: dict[Any, Any]) -> str:
    small = " (small)" if row["small"] else ""
    return f"{row['attribute']}: {row['group']}{small}, n = {row['clients']:,}"
