"""What a model's card says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np
from matplotlib.figure import Figure

from train.evaluation.fairness import Fairness
from train.evaluation.trained import Trained
from train.fitting.folds import Outcomes
from train.gate import Terms, Verdict
from train.report.card import Card, render
from train.report.facts import Data, Factor, Facts, Judged, Measure, measures, tenths

MOST_FACTORS = 15


@dataclass(frozen=True)
class Description:
    """What goes into the card besides the verdict."""

    name: str
    run_id: str
    digest: str
    fairness: Fairness
    figures: Mapping[str, Figure]


def describe(
    trained: Trained, terms: Terms, described: Description, verdict: Verdict, fate: str
) -> Card:
    """Writes the model card."""
    evaluation, metrics = trained.evaluation, trained.metrics
    judged = [_judged(trained.basis, evaluation.defaulted, metrics, "")]
    defaulted, probability = evaluation.defaulted, evaluation.probability
    if trained.holdout:
        defaulted = trained.holdout.clients.defaulted
        probability = trained.holdout.probability
        judged.append(_judged("holdout", defaulted, metrics, "holdout_"))
    facts = Facts(
        name=described.name,
        fate=fate,
        verdict=verdict,
        provenance=terms.provenance,
        run_id=described.run_id,
        model_digest=described.digest,
        model=_model(trained),
        data=_data(trained, terms),
        judged=tuple(judged),
        baselines={
            "the model's": metrics["business_cost"],
            "lend to all": metrics["business_cost_lend_to_all"],
            "lend to none": metrics["business_cost_lend_to_none"],
        },
        threshold=Measure("threshold", evaluation.threshold, *evaluation.interval),
        cost_ratio=terms.cost_ratio,
        calibration=evaluation.calibrated.why,
        tenths=tenths(defaulted, probability),
        fairness=described.fairness,
        protected=trained.protected,
        factors=_factors(trained),
        exclusion=trained.exclusion,
    )
    return render(facts, described.figures)


def writer(trained: Trained, terms: Terms, described: Description) -> "partial[Card]":
    """Writes the card once the verdict is complete: called with verdict and fate."""
    return partial(describe, trained, terms, described)


def _judged(basis: str, defaulted: Outcomes, metrics: Mapping[str, float], prefix: str) -> Judged:
    return Judged(basis, len(defaulted), measures(metrics, prefix))


def _model(trained: Trained) -> dict[str, str]:
    """Of what kind it is, for whoever would build it again."""
    options = trained.model.estimator.get_params()
    split = "drawn at random" if options["extra_trees"] else "the best"
    signs = [sign for sign in options.get("monotone_constraints") or () if sign]
    return {
        "kind": f"gradient boosted trees (LightGBM {version('lightgbm')})",
        "trees": f"{trained.model.estimator.booster_.num_trees():,}",
        "leaves, depth of a tree at most": f"{options['num_leaves']}, {options['max_depth']}",
        "clients in a leaf at least": f"{options['min_child_samples']}",
        "learning rate": f"{options['learning_rate']:g}",
        "split points": split,
        "columns that it sees": f"{len(trained.dataset.columns)}",
        "columns with a sign constraint": f"{len(signs)}",
        "calibration": trained.model.calibration.method,
    }


def _data(trained: Trained, terms: Terms) -> Data:
    dataset = trained.dataset
    return Data(
        source=terms.source,
        digest=dataset.digest,
        clients=len(dataset.ids),
        aside=len(trained.holdout.probability) if trained.holdout else 0,
        default_rate=float(np.mean(dataset.defaulted)),
        columns=tuple(dataset.contract.columns),
        derived=len(set(dataset.columns) - set(dataset.contract.columns)),
        excluded=terms.excluded,
    )


def _factors(trained: Trained) -> tuple[Factor, ...]:
    """The strongest factors in words, by the gain of the columns that they explain."""
    total = sum(trained.gains.values()) or 1.0
    shares = [
        Factor(factor.en, sum(trained.gains.get(name, 0.0) for name in factor.columns) / total)
        for factor in trained.model.factors
    ]
    return tuple(sorted(shares, key=lambda factor: -factor.share)[:MOST_FACTORS])
