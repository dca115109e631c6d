"""How good probabilities and decisions are, as numbers under the names that they bear in MLflow."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from scoring_model.contract import Vector
from scoring_model.decision import accepted, evidence
from train.evaluation.intervals import intervals
from train.evaluation.threshold import cost_curve
from train.fitting.folds import Outcomes, Split

Lent = npt.NDArray[np.bool_]


def lent_unseen(
    defaulted: Outcomes, solvencies: Vector, splits: Iterable[Split], cost_ratio: float
) -> Lent:
    """Who gets the loan when each part is decided at the cheapest threshold of the other parts.

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


def judged(
    defaulted: Outcomes, probability: Vector, lent: Lent, cost_ratio: float, seed: int
) -> dict[str, float]:
    """The headline metrics, each with its 95 % interval (`_low`, `_high`), and the decisions.

    A positive is a default: `true_positives` were refused and defaulted, `false_negatives` got the
    loan and defaulted. All arrays are of shape (clients,).
    """
    bad = defaulted == 1
    losses = _losses(bad, probability, lent, cost_ratio)
    return {
        "auc": float(roc_auc_score(bad, probability)),
        **{name: float(np.mean(values)) for name, values in losses.items()},
        **intervals(defaulted, probability, losses, seed),
        "true_positives": int(np.count_nonzero(bad & ~lent)),
        "false_positives": int(np.count_nonzero(~bad & ~lent)),
        "true_negatives": int(np.count_nonzero(~bad & lent)),
        "false_negatives": int(np.count_nonzero(bad & lent)),
    }


def _losses(
    bad: npt.NDArray[np.bool_], probability: Vector, lent: Lent, cost_ratio: float
) -> dict[str, Vector]:
    """What each client adds to the metrics that are means over the clients."""
    against, in_favour = evidence(probability)
    return {
        "business_cost": business_costs(bad.astype(np.int8), lent, cost_ratio),
        "accuracy": (lent != bad).astype(np.float64),
        "brier": (probability - bad) ** 2,
        "log_loss": np.where(bad, -in_favour, against),
        "accepted_share": lent.astype(np.float64),
    }
