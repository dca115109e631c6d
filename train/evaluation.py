"""How good out-of-fold scores are."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from scoring_model.contract import Vector
from scoring_model.decision import accepted, business_cost, solvency
from train.fit import Outcomes
from train.threshold import CostCurve, cost_curve


@dataclass(frozen=True)
class Evaluation:
    """Out-of-fold scores held against outcomes, and the threshold chosen on them."""

    defaulted: Outcomes
    probability: Vector
    curve: CostCurve

    @property
    def solvency(self) -> Vector:
        """1 - PD, shape (clients,)."""
        return solvency(self.probability)

    @property
    def threshold(self) -> float:
        """The threshold of least business cost."""
        return self.curve.best

    @property
    def metrics(self) -> dict[str, float]:
        """Under the names they bear in MLflow.

        A positive is a default: `true_positives` were refused and defaulted, `false_negatives`
        got the loan and defaulted.
        """
        lent = accepted(self.solvency, self.threshold)
        bad = self.defaulted == 1
        return {
            "auc": float(roc_auc_score(bad, self.probability)),
            "business_cost": business_cost(self.defaulted, lent, self.curve.cost_ratio),
            "business_cost_lend_to_all": self.curve.lend_to_all,
            "accuracy": float(np.mean(lent != bad)),
            "brier": float(brier_score_loss(bad, self.probability)),
            "log_loss": float(log_loss(bad, self.probability)),
            "best_threshold": self.threshold,
            "accepted_share": float(np.mean(lent)),
            "true_positives": int(np.count_nonzero(bad & ~lent)),
            "false_positives": int(np.count_nonzero(~bad & ~lent)),
            "true_negatives": int(np.count_nonzero(~bad & lent)),
            "false_negatives": int(np.count_nonzero(bad & lent)),
        }


def evaluate(defaulted: Outcomes, probability: Vector, cost_ratio: float) -> Evaluation:
    """Chooses the threshold on out-of-fold probabilities of default and evaluates there."""
    curve = cost_curve(defaulted, solvency(probability), cost_ratio)
    return Evaluation(defaulted, probability, curve)
