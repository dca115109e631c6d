"""How good probabilities and decisions are, as numbers under the names that they bear in MLflow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import ks_2samp
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    roc_auc_score,
)

from scoring_model.contract import Matrix, Vector
from scoring_model.decision import evidence, solvency
from train.evaluation.calibration import Calibrated
from train.evaluation.intervals import Statistic, auc_of, bootstrap, mean_of
from train.evaluation.threshold import (
    CostCurve,
    Lent,
    business_costs,
    cost_curve,
    lent_unseen,
    threshold_interval,
)
from train.fitting.folds import Outcomes, Persons, Split


@dataclass(frozen=True)
class Evaluation:
    """Out-of-fold scores held against outcomes, and the threshold chosen on them.

    `interval` is the 95 % bootstrap interval of the threshold. `lent` are cross-fitted decisions,
    at thresholds chosen without the clients decided on, shape (clients,); the headline metrics
    among `metrics` are of these.
    """

    defaulted: Outcomes
    calibrated: Calibrated
    curve: CostCurve
    interval: tuple[float, float]
    lent: Lent
    metrics: Mapping[str, float]

    @property
    def probability(self) -> Vector:
        """Calibrated probability of default, shape (clients,)."""
        return self.calibrated.probability

    @property
    def solvency(self) -> Vector:
        """1 - PD, shape (clients,)."""
        return solvency(self.probability)

    @property
    def threshold(self) -> float:
        """The threshold of least business cost."""
        return self.curve.best


def evaluate(
    defaulted: Outcomes,
    calibrated: Calibrated,
    splits: Sequence[Split],
    cost_ratio: float,
    seed: int,
    persons: Persons | None = None,
) -> Evaluation:
    """Chooses the threshold on calibrated out-of-fold probabilities, and judges what `splits` of
    the clients would have decided on each other. Intervals resample `persons` where given."""
    solvencies = solvency(calibrated.probability)
    curve = cost_curve(defaulted, solvencies, cost_ratio)
    low, high = threshold_interval(defaulted, solvencies, cost_ratio, seed, persons)
    lent = lent_unseen(defaulted, solvencies, splits, cost_ratio)
    metrics = {
        **judged(defaulted, calibrated.probability, lent, cost_ratio, seed, persons),
        "business_cost_lend_to_all": curve.lend_to_all,
        "business_cost_lend_to_none": curve.lend_to_none,
        "brier_uncalibrated": float(brier_score_loss(defaulted, calibrated.uncalibrated)),
        "log_loss_uncalibrated": float(log_loss(defaulted, calibrated.uncalibrated)),
        "best_threshold": curve.best,
        "best_threshold_low": low,
        "best_threshold_high": high,
        "theoretical_threshold": curve.theoretical,
    }
    return Evaluation(defaulted, calibrated, curve, (low, high), lent, metrics)


def statistics(
    defaulted: Outcomes, probability: Vector, lent: Lent, cost_ratio: float
) -> dict[str, Statistic]:
    """The headline metrics as functions of how often a resample drew each client.

    `calibration_in_the_large` is the mean probability minus the default rate.
    """
    bad = defaulted == 1
    against, in_favour = evidence(probability)
    means: dict[str, Vector] = {
        "business_cost": business_costs(defaulted, lent, cost_ratio),
        "accuracy": (lent != bad).astype(np.float64),
        "brier": (probability - bad) ** 2,
        "log_loss": np.where(bad, -in_favour, against),
        "calibration_in_the_large": probability - bad,
        "accepted_share": lent.astype(np.float64),
    }
    auc = {"auc": auc_of(defaulted, probability)}
    return auc | {name: mean_of(values) for name, values in means.items()}


def judged(
    defaulted: Outcomes,
    probability: Vector,
    lent: Lent,
    cost_ratio: float,
    seed: int,
    persons: Persons | None = None,
) -> dict[str, float]:
    """The headline metrics, each with its 95 % interval (`_low`, `_high`), and the decisions.

    `gini` is 2 AUC - 1, `ks` the statistic of Kolmogorov and Smirnov between the probabilities of
    both outcomes, `pr_auc` the average precision. A positive is a default: `true_positives` were
    refused and defaulted, `false_negatives` got the loan and defaulted. Arrays are of shape
    (clients,).
    """
    bad = defaulted == 1
    asked = statistics(defaulted, probability, lent, cost_ratio)
    drawn = bootstrap(asked, len(bad), persons, seed)
    found = {name: estimate.interval for name, estimate in drawn.items()}
    (repaid_lent, repaid_refused), (bad_lent, bad_refused) = confusion_matrix(
        bad, ~lent, labels=[False, True]
    ).tolist()
    return {
        **{name: interval.value for name, interval in found.items()},
        "gini": 2 * found["auc"].value - 1,
        "ks": float(ks_2samp(probability[bad], probability[~bad], method="asymp").statistic),
        "pr_auc": float(average_precision_score(bad, probability)),
        **{f"{name}_low": interval.low for name, interval in found.items()},
        **{f"{name}_high": interval.high for name, interval in found.items()},
        "true_positives": bad_refused,
        "false_positives": repaid_refused,
        "true_negatives": repaid_lent,
        "false_negatives": bad_lent,
    }


def over_repeats(defaulted: Outcomes, by_repeat: Matrix) -> dict[str, float]:
    """Mean and standard deviation of the AUC over repeated cross-validations: what folds and seeds
    alone move. `by_repeat` is of shape (repeats, clients); nothing for a single one."""
    if len(by_repeat) < 2:
        return {}
    aucs = [roc_auc_score(defaulted, probability) for probability in by_repeat]
    mean, deviation = float(np.mean(aucs)), float(np.std(aucs, ddof=1))
    return {"auc_repeats_mean": mean, "auc_repeats_std": deviation}
