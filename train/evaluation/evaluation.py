"""How good out-of-fold scores are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sklearn.metrics import brier_score_loss, log_loss

from scoring_model.contract import Vector
from scoring_model.decision import solvency
from train.evaluation.calibration import Calibrated
from train.evaluation.metrics import Lent, judged, lent_unseen
from train.evaluation.threshold import CostCurve, cost_curve, threshold_interval
from train.fitting.folds import Outcomes, Persons, Split


@dataclass(frozen=True)
class Evaluation:
    """Out-of-fold scores held against outcomes, and the threshold chosen on them.

    `interval` is the 95 % bootstrap interval of the threshold. `lent` are cross-fitted decisions,
    at thresholds chosen without the clients decided on, shape (clients,); `judged` holds the
    headline metrics of these.
    """

    defaulted: Outcomes
    calibrated: Calibrated
    curve: CostCurve
    interval: tuple[float, float]
    lent: Lent
    judged: Mapping[str, float]

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

    @property
    def metrics(self) -> dict[str, float]:
        """Under the names they bear in MLflow (see `train.evaluation.metrics`)."""
        bad = self.defaulted == 1
        return {
            **self.judged,
            "business_cost_lend_to_all": self.curve.lend_to_all,
            "business_cost_lend_to_none": self.curve.lend_to_none,
            "brier_uncalibrated": float(brier_score_loss(bad, self.calibrated.uncalibrated)),
            "log_loss_uncalibrated": float(log_loss(bad, self.calibrated.uncalibrated)),
            "best_threshold": self.threshold,
            "best_threshold_low": self.interval[0],
            "best_threshold_high": self.interval[1],
            "theoretical_threshold": self.curve.theoretical,
        }


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
    interval = threshold_interval(defaulted, solvencies, cost_ratio, seed, persons)
    lent = lent_unseen(defaulted, solvencies, splits, cost_ratio)
    metrics = judged(defaulted, calibrated.probability, lent, cost_ratio, seed, persons)
    return Evaluation(defaulted, calibrated, curve, interval, lent, metrics)
