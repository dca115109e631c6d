"""How good probabilities and decisions are, as numbers under the names that they bear in MLflow."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp
from sklearn.metrics import average_precision_score, roc_auc_score

from scoring_model.contract import Matrix, Vector
from scoring_model.decision import accepted, evidence
from train.evaluation.intervals import Statistic, auc_of, bootstrap, mean_of
from train.evaluation.threshold import cost_curve
from train.fitting.folds import Outcomes, Persons, Split

Lent = npt.NDArray[np.bool_]


def lent_unseen(
    defaulted: Outcomes, solvencies: Vector, splits: Iterable[Split], cost_ratio: float
) -> Lent:
    """Cross-fitted decisions: each part is decided at the cheapest threshold of the other parts.

    All arrays are of shape (clients,). So a decision is never judged by an outcome that it was
    made with.
    """
    lent = np.zeros(len(defaulted), dtype=bool)
    for others, part in splits:
        threshold = cost_curve(defaulted[others], solvencies[others], cost_ratio).best
        lent[part] = accepted(solvencies[part], threshold)
    return lent


def business_costs(defaulted: Outcomes, lent: Lent, cost_ratio: float) -> Vector:
    """What each client's decision costs: the mean of it is the business cost a client."""
    bad = defaulted == 1
    costs: Vector = cost_ratio * (bad & lent) + (~bad & ~lent)
    return costs


def over_repeats(defaulted: Outcomes, by_repeat: Matrix) -> dict[str, float]:
    """Mean and standard deviation of the AUC over repeated cross-validations: what folds and seeds
    alone move. `by_repeat` is of shape (repeats, clients); nothing for a single one."""
    if len(by_repeat) < 2:
        return {}
    aucs = [roc_auc_score(defaulted, probability) for probability in by_repeat]
    return {
        "auc_repeats_mean": float(np.mean(aucs)),
        "auc_repeats_std": float(np.std(aucs, ddof=1)),
    }


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
    return {
        "auc": auc_of(defaulted, probability),
        **{name: mean_of(values) for name, values in means.items()},
    }


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
    found = {
        name: estimate.interval
        for name, estimate in bootstrap(asked, len(bad), persons, seed).items()
    }
    return {
        **{name: interval.value for name, interval in found.items()},
        "gini": 2 * found["auc"].value - 1,
        "ks": float(ks_2samp(probability[bad], probability[~bad], method="asymp").statistic),
        "pr_auc": float(average_precision_score(bad, probability)),
        **{f"{name}_low": interval.low for name, interval in found.items()},
        **{f"{name}_high": interval.high for name, interval in found.items()},
        "true_positives": int(np.count_nonzero(bad & ~lent)),
        "false_positives": int(np.count_nonzero(~bad & ~lent)),
        "true_negatives": int(np.count_nonzero(~bad & lent)),
        "false_negatives": int(np.count_nonzero(bad & lent)),
    }
