"""The plots of a training run."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from train.evaluation.evaluation import Evaluation
from train.evaluation.threshold import cost_curve
from train.report.tables import wilson

GOOD, BAD, LINE, FAINT = "#2a7f9e", "#c8553d", "#22313f", "#9aa5b1"
SHADES = ("#9fc5d3", "#5c9fb8", "#2a7f9e", "#22313f")
SHOWN_FEATURES = 25
SHOWN_RATIOS = (5.0, 10.0, 20.0)


def plots(evaluation: Evaluation, importance: dict[str, float]) -> dict[str, Figure]:
    """Figures by file name; `importance` is the total gain of each column."""
    return {
        "roc": _roc(evaluation),
        "calibration": _calibration(evaluation),
        "cost": _cost(evaluation),
        "scores": _scores(evaluation),
        "confusion": _confusion(evaluation),
        "importance": _importance(importance),
    }


def card_plots(evaluation: Evaluation) -> dict[str, Figure]:
    """The figures of a model card, by what they show."""
    return {
        "ROC": _roc(evaluation),
        "Solvency by outcome": _scores(evaluation),
        "Business cost by threshold": _cost(evaluation),
        "Calibration by tenths": _calibration(evaluation),
    }


def _axes(title: str, x: str, y: str, size: tuple[float, float] = (7, 5)) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _roc(evaluation: Evaluation) -> Figure:
    metrics = evaluation.metrics
    false_alarms, found, _ = roc_curve(evaluation.defaulted, evaluation.probability)
    figure, axes = _axes(
        f"ROC, out of fold: AUC {metrics['auc']:.4f}"
        f" (95 % from {metrics['auc_low']:.4f} to {metrics['auc_high']:.4f})",
        "share of repaying clients refused",
        "share of defaulting clients refused",
    )
    axes.plot(false_alarms, found, color=LINE)
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    bad, good = _outcomes(evaluation)
    axes.plot(
        metrics["false_positives"] / good,
        metrics["true_positives"] / bad,
        "o",
        color=BAD,
        label=f"threshold {evaluation.threshold:.3f}",
    )
    axes.legend(loc="lower right")
    return figure


def _calibration(evaluation: Evaluation) -> Figure:
    """Before and, if anything changes, after; bars are 95 % intervals of the share in each tenth of
    the clients."""
    metrics, method = evaluation.metrics, evaluation.calibrated.calibration.method
    figure, axes = _axes(
        f"Calibration, out of fold (method: {method})",
        "mean predicted probability of default, per tenth of the clients",
        "observed share of defaults, with 95 % interval",
    )
    for label, probability, color, marker in (
        ("uncalibrated", evaluation.calibrated.uncalibrated, BAD, "s"),
        ("calibrated", evaluation.probability, LINE, "o"),
    ):
        if (label, method) == ("calibrated", "none"):
            continue
        brier = metrics["brier" if label == "calibrated" else "brier_uncalibrated"]
        tenths = np.array_split(np.argsort(probability, kind="stable"), 10)
        predicted = [probability[tenth].mean() for tenth in tenths]
        observed = np.array([evaluation.defaulted[tenth].mean() for tenth in tenths])
        low, high = wilson(observed, np.array([len(tenth) for tenth in tenths]))
        bars = np.array([observed - low, high - observed])
        name = f"{label}: Brier score {brier:.4f}"
        axes.errorbar(predicted, observed, bars, fmt=f"{marker}-", color=color, label=name, lw=1)
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
    lowest = np.quantile(evaluation.solvency, 0.001)
    everyone, noone = chosen.lend_to_all, chosen.lend_to_none
    for cost, style, who in ((everyone, "--", "everyone"), (noone, ":", "no one")):
        name = f"lend to {who} (at {chosen.cost_ratio:g}): {cost:.3f}"
        axes.axhline(cost, color=FAINT, linestyle=style, linewidth=1, label=name)
    top = 1.6 * max(curve.costs.min() for curve in curves)
    axes.set(xlim=(lowest, 1), ylim=(0, max(top, 1.1 * min(everyone, noone))))
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
    metrics = evaluation.metrics
    counts = np.array(
        [
            [metrics["true_negatives"], metrics["false_positives"]],
            [metrics["false_negatives"], metrics["true_positives"]],
        ]
    )
    figure, axes = _axes(
        f"Decisions at threshold {evaluation.threshold:.3f}, out of fold", "decision", "outcome"
    )
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks([0, 1], ["Yes", "No"])
    axes.set_yticks([0, 1], ["repaid", "defaulted"])
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        text = f"{int(count):,} clients\n{share:.1%} of the row"
        axes.text(column, row, text, ha="center", va="center", color=_ink(share))
    return figure


def _importance(importance: dict[str, float]) -> Figure:
    top = sorted(importance.items(), key=lambda item: item[1])[-SHOWN_FEATURES:]
    total = sum(importance.values()) or 1.0
    figure, axes = _axes(
        f"Importance: the {len(top)} strongest of {len(importance)} columns",
        "share of the total gain",
        "",
        size=(8, 0.28 * len(top) + 1.5),
    )
    axes.barh([name for name, _ in top], [gain / total for _, gain in top], color=GOOD)
    axes.xaxis.set_major_formatter("{x:.1%}")
    return figure


def _outcomes(evaluation: Evaluation) -> tuple[Any, Any]:
    bad = np.count_nonzero(evaluation.defaulted)
    return bad, len(evaluation.defaulted) - bad


def _ink(share: float) -> str:
    return "white" if share > 0.5 else LINE
