"""What a model card is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring_model.contract import Vector
from train.data.provenance import Provenance
from train.evaluation.exclusion import Exclusion
from train.evaluation.fairness import Fairness
from train.fitting.folds import Outcomes
from train.gate import Verdict

SHOWN = {
    "auc": "AUC (chance that a defaulter is ranked below a payer)",
    "gini": "Gini (2 AUC - 1)",
    "ks": "KS (greatest distance of the score distributions of both outcomes)",
    "pr_auc": "PR-AUC (average precision)",
    "business_cost": "business cost a client",
    "brier": "Brier score",
    "log_loss": "log loss",
    "calibration_in_the_large": "mean probability less default rate",
    "psi": "population stability index of the folds' scores, training against judged clients",
    "accepted_share": "share that gets the loan",
    "accuracy": "share of decisions that were right",
}
"""The metrics of a card, by their names in MLflow."""
TENTHS = 10
Z = 1.96
"""Standard errors on either side of a 95 % interval."""


@dataclass(frozen=True)
class Measure:
    """A metric with its 95 % interval, None where that was not computed."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Tenth:
    """A tenth of the clients by probability: what was predicted and what came, with the 95 %
    interval of the latter (Wilson, 1927)."""

    clients: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """How good the model is on clients that did not take part in fitting what scored them.

    `basis` says which clients: "out of fold" or "holdout".
    """

    basis: str
    clients: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Data:
    """What the model learned from. `aside` clients were set aside as a holdout."""

    source: str
    digest: str
    clients: int
    aside: int
    default_rate: float
    columns: tuple[str, ...]
    derived: int
    excluded: tuple[str, ...]


@dataclass(frozen=True)
class Factor:
    """What the model goes by, with its share of the total gain."""

    name: str
    share: float


@dataclass(frozen=True)
class Facts:
    """Everything that a card says. `model` tells of what kind it is, `protected` which protected
    attributes it uses, empty for none; `tenths` are of the clients of the last entry of `judged`;
    `exclusion` is what leaving out columns changes."""

    name: str
    fate: str
    verdict: Verdict
    provenance: Provenance
    run_id: str
    model_digest: str
    model: Mapping[str, str]
    data: Data
    judged: tuple[Judged, ...]
    baselines: Mapping[str, float]
    threshold: Measure
    cost_ratio: float
    calibration: str
    tenths: tuple[Tenth, ...]
    fairness: Fairness
    protected: str
    factors: tuple[Factor, ...]
    exclusion: Exclusion | None = None


def measures(metrics: Mapping[str, float], prefix: str = "") -> tuple[Measure, ...]:
    """Those of `metrics` that a card shows, with `<name>_low` and `<name>_high` if given."""
    return tuple(
        Measure(label, metrics[key], metrics.get(f"{key}_low"), metrics.get(f"{key}_high"))
        for name, label in SHOWN.items()
        if (key := prefix + name) in metrics
    )


def tenths(defaulted: Outcomes, probability: Vector) -> tuple[Tenth, ...]:
    """The clients by rising probability in ten equal parts; arrays of shape (clients,)."""
    parts = np.array_split(np.argsort(probability, kind="stable"), TENTHS)
    return tuple(_tenth(defaulted[part], probability[part]) for part in parts if len(part))


def _tenth(defaulted: Outcomes, probability: Vector) -> Tenth:
    clients, share = len(defaulted), float(np.mean(defaulted == 1))
    middle = (share + Z**2 / (2 * clients)) / (1 + Z**2 / clients)
    half = Z * np.sqrt(share * (1 - share) / clients + Z**2 / (4 * clients**2))
    half = float(half / (1 + Z**2 / clients))
    return Tenth(
        clients, float(np.mean(probability)), share, max(0.0, middle - half), middle + half
    )
