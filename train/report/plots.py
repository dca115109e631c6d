"""The plots of a training run and of its model card."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import RocCurveDisplay

from train.evaluation.evaluation import Evaluation
from train.evaluation.fairness import FOUR_FIFTHS, Fairness, Z
from train.evaluation.threshold import cost_curve
from train.report.card import tenths

GOOD, BAD, LINE, FAINT = "#2a7f9e", "#c8553d", "#22313f", "#9aa5b1"
SHADES = ("#9fc5d3", "#5c9fb8", "#2a7f9e", "#22313f")
SHOWN_FEATURES = 25
SHOWN_RATIOS = (5.0, 10.0, 20.0)
PANELS = {
    "selection_rate": "fraction that gets the loan\n(dashed: 4/5 of the highest)",
    "false_refusal_rate": "fraction refused\nof those who repaid",
    "calibration_gap": "mean probability of default\nminus default rate",
}


def plots(evaluation: Evaluation, gains: dict[str, float], fairness: Fairness) -> dict[str, Figure]:
    """Figures by file name; `gains` is the total gain of each column."""
    figures = {
        "roc": _roc(evaluation),
        "scores": _scores(evaluation),
        "cost": _cost(evaluation),
        "calibration": _calibration(evaluation),
        "confusion": _confusion(evaluation),
        "importance": _importance(gains),
    }
    return figures | ({"fairness": fairness_plot(fairness)} if len(fairness.table) else {})


def _axes(title: str, x: str, y: str, size: tuple[float, float] = (7, 5)) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _roc(evaluation: Evaluation) -> Figure:
    metrics, defaulted = evaluation.metrics, evaluation.defaulted
    figure, axes = _axes("", "", "")
    RocCurveDisplay.from_predictions(
        defaulted,
        evaluation.probability,
        ax=axes,
        plot_chance_level=True,
        name="out of fold",
        curve_kwargs={"color": LINE},
    )
    bad = np.count_nonzero(defaulted)
    refused = metrics["false_positives"] / (len(defaulted) - bad), metrics["true_positives"] / bad
    axes.plot(*refused, "o", color=BAD, label=f"threshold {evaluation.threshold:.3f}")
    axes.legend(loc="lower right")
    axes.set(
        title=f"ROC, out of fold: AUC {metrics['auc']:.4f}"
        f" (95 % from {metrics['auc_low']:.4f} to {metrics['auc_high']:.4f})",
        xlabel="fraction of repaying clients refused",
        ylabel="fraction of defaulting clients refused",
    )
    return figure


def _calibration(evaluation: Evaluation) -> Figure:
    """Before and, if anything changes, after; bars are 95 % intervals of the default rate in each
    tenth of the clients."""
    metrics, method = evaluation.metrics, evaluation.calibrated.calibration.method
    figure, axes = _axes(
        f"Calibration, out of fold (method: {method})",
        "mean predicted probability of default, per tenth of the clients",
        "observed default rate, with 95 % interval",
    )
    shown = {"uncalibrated": (evaluation.calibrated.uncalibrated, "brier_uncalibrated", BAD)}
    if method != "none":
        shown["calibrated"] = (evaluation.probability, "brier", LINE)
    for label, (probability, brier, color) in shown.items():
        parts = pd.DataFrame(tenths(evaluation.defaulted, probability))
        bars = [parts["observed"] - parts["low"], parts["high"] - parts["observed"]]
        name = f"{label}: Brier score {metrics[brier]:.4f}"
        of = parts["predicted"], parts["observed"]
        axes.errorbar(*of, bars, fmt="o-", color=color, label=name, lw=1)
    top = axes.get_xlim()[1]
    axes.plot([0, top], [0, top], color=FAINT, linestyle="--", linewidth=1, label="perfect")
    axes.legend(loc="upper left")
    return figure


def _cost(evaluation: Evaluation) -> Figure:
    """The chosen cost ratio among others; a dot is the cheapest threshold of each."""
    chosen = evaluation.curve
    figure, axes = _axes(
        f"Business cost by threshold, out of fold: least at {chosen.best:.3f}",
        "threshold (least solvency that gets a Yes)",
        "cost a client (1 = a client refused who would have repaid)",
    )
    ratios = sorted({*SHOWN_RATIOS, chosen.cost_ratio})
    curves = [cost_curve(evaluation.defaulted, evaluation.solvency, ratio) for ratio in ratios]
    for curve, color in zip(curves, SHADES, strict=False):
        is_chosen = curve.cost_ratio == chosen.cost_ratio
        name = f"a missed default counts {curve.cost_ratio:g}{' (chosen)' * is_chosen}"
        width = 2.5 if is_chosen else 1
        axes.plot(curve.thresholds, curve.costs, color=color, linewidth=width, label=name)
        axes.plot(curve.best, curve.costs.min(), "o", color=color)
    low, high = evaluation.interval
    axes.axvspan(low, high, color=BAD, alpha=0.15, label="95 % interval of the threshold")
    everyone, noone = chosen.lend_to_all, chosen.lend_to_none
    for cost, style, who in ((everyone, "--", "everyone"), (noone, ":", "no one")):
        name = f"lend to {who} (at {chosen.cost_ratio:g}): {cost:.3f}"
        axes.axhline(cost, color=FAINT, linestyle=style, linewidth=1, label=name)
    top = max(1.6 * max(curve.costs.min() for curve in curves), 1.1 * min(everyone, noone))
    axes.set(xlim=(np.quantile(evaluation.solvency, 0.001), 1), ylim=(0, top))
    axes.legend(loc="lower left", fontsize="small")
    return figure


def _scores(evaluation: Evaluation) -> Figure:
    figure, axes = _axes(
        "Solvency by outcome, out of fold", "solvency", "density (each outcome adds up to 1)"
    )
    bins = np.linspace(evaluation.solvency.min(), 1, 60).tolist()
    for value, label, color in ((0, "repaid", GOOD), (1, "defaulted", BAD)):
        scores = evaluation.solvency[evaluation.defaulted == value]
        axes.hist(scores, bins=bins, density=True, alpha=0.55, color=color, label=label)
    axes.axvline(evaluation.threshold, color=LINE, linewidth=1, label="threshold")
    axes.legend(loc="upper left")
    return figure


def _confusion(evaluation: Evaluation) -> Figure:
    names = (("true_negatives", "false_positives"), ("false_negatives", "true_positives"))
    counts = np.array([[evaluation.metrics[name] for name in row] for row in names])
    figure, axes = _axes(
        f"Decisions at threshold {evaluation.threshold:.3f}, out of fold", "decision", "outcome"
    )
    fractions = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(fractions, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks([0, 1], ["Yes", "No"])
    axes.set_yticks([0, 1], ["repaid", "defaulted"])
    for (row, column), count in np.ndenumerate(counts):
        fraction = fractions[row, column]
        text = f"{int(count):,} clients\n{fraction:.1%} of the row"
        ink = "white" if fraction > 0.5 else LINE
        axes.text(column, row, text, ha="center", va="center", color=ink)
    return figure


def _importance(gains: dict[str, float]) -> Figure:
    top = sorted(gains.items(), key=lambda item: item[1])[-SHOWN_FEATURES:]
    total = sum(gains.values()) or 1.0
    figure, axes = _axes(
        f"Importance: the {len(top)} strongest of {len(gains)} columns",
        "fraction of the total gain",
        "",
        size=(8, 0.28 * len(top) + 1.5),
    )
    axes.barh([name for name, _ in top], [gain / total for _, gain in top], color=GOOD)
    axes.xaxis.set_major_formatter("{x:.1%}")
    return figure


def fairness_plot(fairness: Fairness) -> Figure:
    """One row a group and a panel a measure, with 95 % intervals.

    Small groups are paler and marked. The dashed line is four fifths of the attribute's highest
    selection rate.
    """
    table = fairness.table
    figure = Figure(figsize=(11, 0.34 * max(len(table), 3) + 2.0), layout="constrained")
    figure.suptitle("Fairness by protected attribute, out of fold, with 95 % intervals")
    panels = figure.subplots(1, len(PANELS), sharey=True)
    for axes, (measure, label) in zip(panels, PANELS.items(), strict=True):
        clients, rate = table["clients"].astype(float), table["default_rate"].astype(float)
        values = table[measure].astype(float)
        of = {
            "calibration_gap": (rate, clients),
            "false_refusal_rate": (values, clients * (1 - rate)),
        }
        fraction, count = of.get(measure, (values, clients))
        errors = Z * (fraction * (1 - fraction) / count.clip(lower=1)) ** 0.5  # binomial
        for row, small in enumerate(table["small"]):
            alpha = 0.35 if small else 1.0
            value, error = values.iloc[row], errors.iloc[row]
            axes.errorbar(value, row, xerr=error, fmt="o", color=GOOD, alpha=alpha)
        if measure == "calibration_gap":
            axes.axvline(0, color=FAINT, linewidth=1)
        for _, rows in table.groupby(["attribute", "column"], sort=False):
            first, last = rows.index.min() - 0.5, rows.index.max() + 0.5
            axes.axhline(first, color=FAINT, linewidth=0.5)
            best = rows.loc[~rows["small"].astype(bool), "selection_rate"].max()
            if measure == "selection_rate" and best == best:  # not missing
                axes.vlines(FOUR_FIFTHS * best, first, last, color=BAD, linestyle="--", linewidth=1)
        axes.set_yticks(range(len(table)), [_name(row) for row in table.to_dict("records")])
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel(label)
    return figure


def _name(row: dict[Any, Any]) -> str:
    small = " (small)" if row["small"] else ""
    return f"{row['attribute']}: {row['group']}{small}, n = {row['clients']:,}"
