"""Which calibration makes the probabilities true: judged on clients it was not fitted on."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from scoring_model.contract import Matrix, Vector
from scoring_model.decision import Calibration, Method, evidence
from train.fitting.folds import Outcomes, Split


@dataclass(frozen=True)
class Candidate:
    """A calibration fitted on all clients, the probabilities that its method gives to clients it
    has not seen, and their log loss, both of shape (clients,)."""

    calibration: Calibration
    probability: Vector
    losses: Vector
    brier: float


@dataclass(frozen=True)
class Calibrated:
    """Out-of-fold probabilities of default before and after calibration, shape (clients,).

    `probability` of a client comes from the chosen method fitted without them; `calibration` is
    that method fitted on all. `table` has a row for each method tried, and `why` says why this one
    was chosen.
    """

    uncalibrated: Vector
    probability: Vector
    calibration: Calibration
    table: Sequence[Mapping[str, str | float | bool]]
    why: str


def calibrate(defaulted: Outcomes, out_of_fold: Vector, splits: Iterable[Split]) -> Calibrated:
    """Chooses among no calibration, Platt, beta and isotonic by out-of-fold log loss and Brier.

    In each split a candidate is fitted on the first rows and judged on the second; these cover
    all clients once. All keep the order of the scores: ranking is not traded for fit. Chosen is
    the simplest that no more flexible one clearly beats: with a lower Brier score, and a log loss
    that is lower by more than the difference's standard error.
    """
    parts = tuple(splits)
    tried = (_candidate(method, defaulted, out_of_fold, parts) for method in FITS)
    candidates = [candidate for candidate in tried if candidate]
    chosen = candidates[0]
    for rival in candidates[1:]:
        gains = chosen.losses - rival.losses
        error = float(np.std(gains) / np.sqrt(len(gains)))
        if rival.brier < chosen.brier and np.mean(gains) > error:
            chosen = rival
    table: list[dict[str, str | float | bool]] = [
        {
            "method": each.calibration.method,
            "log_loss": float(np.mean(each.losses)),
            "brier": each.brier,
            "chosen": each is chosen,
        }
        for each in candidates
    ]
    scores = ", ".join(f"{r['method']} {r['log_loss']:.5f} / {r['brier']:.5f}" for r in table)
    why = (
        f"{chosen.calibration.method}: the simplest that none beats in Brier score and, by more "
        f"than a standard error, in log loss (log loss / Brier out of fold: {scores})"
    )
    return Calibrated(out_of_fold, chosen.probability, chosen.calibration, table, why)


def _candidate(
    method: Method, defaulted: Outcomes, out_of_fold: Vector, parts: Sequence[Split]
) -> Candidate | None:
    """None where the method finds no map that rises."""
    probability, fit = np.empty_like(out_of_fold), FITS[method]
    try:
        for rest, part in parts:
            probability[part] = fit(out_of_fold[rest], defaulted[rest]).apply(out_of_fold[part])
        calibration = fit(out_of_fold, defaulted)
    except ValueError:
        return None
    against, in_favour = evidence(probability)
    losses = np.where(defaulted == 1, -in_favour, against)
    return Candidate(
        calibration, probability, losses, float(brier_score_loss(defaulted, probability))
    )


def _platt(probability: Vector, defaulted: Outcomes) -> Calibration:
    """A logistic regression on the log odds (Platt 1999)."""
    (a,), c = _logistic(np.sum(evidence(probability), axis=0).reshape(-1, 1), defaulted)
    return Calibration("platt", (a, a, c))


def _beta(probability: Vector, defaulted: Outcomes) -> Calibration:
    """A logistic regression on ln p and -ln(1 - p) (Kull, Silva Filho and Flach 2017).

    As they have it, a term with a negative coefficient is left out, which keeps the map rising.
    """
    good, bad = evidence(probability)
    (b, a), c = _logistic(np.column_stack([good, bad]), defaulted)
    if a < 0:
        (b,), c = _logistic(good.reshape(-1, 1), defaulted)
        a = 0.0
    elif b < 0:
        (a,), c = _logistic(bad.reshape(-1, 1), defaulted)
        b = 0.0
    return Calibration("beta", (a, b, c))


def _isotonic(probability: Vector, defaulted: Outcomes) -> Calibration:
    """Isotonic regression, with lines between the centres of its steps.

    Steps would give many clients one score and so lose the order within (compare Oron and Flournoy
    2017, "Centered isotonic regression"). No fraction is nearer to 0 or 1 than half a client.
    """
    fractions = IsotonicRegression().fit_transform(probability, defaulted)
    steps, step = np.unique(fractions, return_inverse=True)
    centres = np.bincount(step, probability) / np.bincount(step)
    half = 0.5 / len(probability)
    knots = zip(centres.tolist(), np.clip(steps, half, 1 - half).tolist(), strict=True)
    return Calibration("isotonic", knots=tuple(knots))


FITS: Mapping[Method, Callable[[Vector, Outcomes], Calibration]] = {
    "none": lambda *_: Calibration(),
    "platt": _platt,
    "beta": _beta,
    "isotonic": _isotonic,
}
"""From the simplest to the most flexible; each raises ValueError where its best map falls."""


def _logistic(X: Matrix, defaulted: Outcomes) -> tuple[list[float], float]:
    """Coefficients and intercept of a logistic regression without a penalty."""
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    with warnings.catch_warnings():  # scores without an error have no best map
        warnings.simplefilter("ignore")
        model.fit(X, defaulted)
    return model.coef_[0].tolist(), float(model.intercept_[0])
