"""Small tables of the model card."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring_model.contract import Vector
from train.evaluation.clients import Scored
from train.evaluation.trained import Trained

SHOWN = {
    "auc": "AUC (chance that a defaulter is ranked below a payer)",
    "gini": "Gini (2 x AUC - 1)",
    "ks": "KS (largest distance of the two score distributions)",
    "pr_auc": "PR-AUC (average precision)",
    "business_cost": "business cost per client",
    "brier": "Brier score",
    "log_loss": "log loss",
    "accepted_share": "share of clients accepted",
    "accuracy": "share of decisions that were right",
}
"""The metrics of a card, by their names in MLflow."""
TENTHS = 10
MOST_FACTORS = 15
Z = 1.959964
"""Standard errors on either side of a 95 % interval."""


@dataclass(frozen=True)
class Measure:
    """A metric with its 95 % interval, None where that was not computed."""

    name: str
    value: float
    low: float | None
    high: float | None


def measures(metrics: Mapping[str, float], prefix: str = "") -> list[Measure]:
    """Those of `metrics` that a card shows, with `<name>_low` and `<name>_high` if given."""
    return [
        Measure(label, metrics[key], metrics.get(f"{key}_low"), metrics.get(f"{key}_high"))
        for name, label in SHOWN.items()
        if (key := prefix + name) in metrics
    ]


def tenths(scored: Scored) -> list[dict[str, float]]:
    """The clients by rising probability in ten equal parts: what was predicted and observed, with
    the 95 % interval of the latter."""
    parts = np.array_split(np.argsort(scored.probability, kind="stable"), TENTHS)
    found = []
    for part in parts:
        if not len(part):
            continue
        observed = float(np.mean(scored.clients.defaulted[part] == 1))
        low, high = wilson(np.array([observed]), np.array([len(part)]))
        predicted = float(np.mean(scored.probability[part]))
        row = {"clients": len(part), "predicted": predicted, "observed": observed}
        found.append({**row, "low": float(low[0]), "high": float(high[0])})
    return found


def wilson(fraction: Vector, clients: Vector) -> tuple[Vector, Vector]:
    """The 95 % score interval of a fraction (Wilson, 1927)."""
    middle = (fraction + Z**2 / (2 * clients)) / (1 + Z**2 / clients)
    spread = np.sqrt(fraction * (1 - fraction) / clients + Z**2 / (4 * clients**2))
    half = Z * spread / (1 + Z**2 / clients)
    return np.minimum(middle - half, fraction), np.maximum(middle + half, fraction)


def strongest_factors(trained: Trained) -> list[tuple[str, float]]:
    """The strongest factors in words, with their fraction of the total gain."""
    gains = trained.gains
    total = sum(gains.values()) or 1.0
    found = [
        (factor.en, sum(gains.get(name, 0.0) for name in factor.columns) / total)
        for factor in trained.model.factors
    ]
    return sorted(found, key=lambda factor: -factor[1])[:MOST_FACTORS]
