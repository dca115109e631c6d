"""The plots of a training run."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_curve

from train.evaluation import Evaluation

GOOD, BAD, LINE, FAINT = "#2a7f9e", "#c8553d", "#22313f", "#9aa5b1"
SHOWN_FEATURES = 25


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


def _axes(title: str, x: str, y: str, size: tuple[float, float] = (7, 5)) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _roc(evaluation: Evaluation) -> Figure:
    metrics = evaluation.metrics
    false_alarms, found, _ = roc_curve(evaluation.defaulted, evaluation.probability)
    figure, axes = _axes(
        f"ROC, out of fold: AUC {metrics['auc']:.4f}",
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
    observed, predicted = calibration_curve(
        evaluation.defaulted, evaluation.probability, n_bins=10, strategy="quantile"
    )
    figure, axes = _axes(
        f"Calibration, out of fold: Brier score {evaluation.metrics['brier']:.4f}",
        "mean predicted probability of default, per tenth of the clients",
        "observed share of defaults",
    )
    top = 1.05 * max(observed.max(), predicted.max())
    axes.plot([0, top], [0, top], color=FAINT, linestyle="--", linewidth=1, label="perfect")
    axes.plot(predicted, observed, "o-", color=LINE, label="model")
    axes.legend(loc="upper left")
    return figure


def _cost(evaluation: Evaluation) -> Figure:
    curve = evaluation.curve
    figure, axes = _axes(
        f"Business cost: {curve.costs.min():.4f} a client at threshold {curve.best:.3f}",
        "threshold (least solvency that gets a Yes)",
        f"cost a client (a missed default counts {curve.cost_ratio:g})",
    )
    axes.plot(curve.thresholds, curve.costs, color=LINE)
    axes.axvline(curve.best, color=BAD, linewidth=1, label="chosen threshold")
    axes.axhline(
        curve.lend_to_all, color=FAINT, linestyle="--", linewidth=1, label="lend to everyone"
    )
    lowest = np.quantile(evaluation.solvency, 0.001)
    axes.set(xlim=(lowest, 1), ylim=(0, 1.25 * curve.lend_to_all))
    axes.legend(loc="upper left")
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
    axes.xaxis.set_major_formatter("{x:.0%}")
    return figure


def _outcomes(evaluation: Evaluation) -> tuple[Any, Any]:
    bad = np.count_nonzero(evaluation.defaulted)
    return bad, len(evaluation.defaulted) - bad


def _ink(share: float) -> str:
    return "white" if share > 0.5 else LINE
