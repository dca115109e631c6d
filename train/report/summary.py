"""A training in a few words and numbers, as the runs of an experiment are compared by."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from train.data.provenance import Provenance
from train.evaluation.trained import Data, Trained
from train.gate import Verdict

COMPARED = (
    "auc",
    "gini",
    "ks",
    "pr_auc",
    "log_loss",
    "brier",
    "business_cost",
    "business_cost_lend_to_all",
    "business_cost_lend_to_none",
    "accepted_share",
    "best_threshold",
    "psi",
    "holdout_auc",
    "holdout_log_loss",
    "holdout_business_cost",
    "holdout_accepted_share",
    "exclude_auc_change",
    "exclude_business_cost_change",
)
"""The metrics that are worth comparing between runs; `metrics.csv` has all."""
GENERATED = {"data": "generated"}
"""Tag of a run or a version whose clients were made up."""
TARGET = "target"
"""Tag of a version: the column of the outcome that it learned."""
POINTS = 100
"""Of a learning curve, at most."""


def source_name(data: Data) -> str:
    """Of the file or folder, without its path."""
    return "generated sample" if data.generated else Path(data.source).name


def name_of(data: Data) -> str:
    """The data and its size."""
    return f"{source_name(data)}, {len(data.dataset.ids) + data.aside:,} clients"


def name_with_result(trained: Trained) -> str:
    """As in "AUC .793, german.csv, 1,000 clients": a list of runs cuts off the end."""
    auc = f"{_headline(trained)['auc']:.3f}".lstrip("0")
    return f"AUC {auc}, {name_of(trained.data)}"


def description(trained: Trained, verdict: Verdict) -> str:
    """A run in five numbers, and whether the model may be used."""
    found, data = _headline(trained), trained.data
    return (
        ("**Trained on generated clients: not for real decisions.** " * data.generated)
        + f"{verdict.why[0].upper() + verdict.why[1:]}.\n\n"
        + f"AUC {found['auc']:.3f}; business cost per client {found['business_cost']:.3f}"
        + f" (lending to all {found['business_cost_lend_to_all']:.3f},"
        + f" to none {found['business_cost_lend_to_none']:.3f});"
        + f" {found['accepted_share']:.0%} of the clients accepted at a threshold of"
        + f" {trained.model.threshold:.3f}. See `model_card.html`."
    )


def headline(trained: Trained, verdict: Verdict) -> list[tuple[str, str]]:
    """The first table of the model card."""
    found, data = _headline(trained), trained.data
    use = "yes, within the limits below" if verdict.passed else f"no: {verdict.why}"
    if data.generated:
        use = "no: it was trained on generated clients, and is for trying the software only"
    return [
        ("may it be used", use),
        ("AUC", f"{found['auc']:.3f}"),
        ("business cost per client", f"{found['business_cost']:.3f}"),
        ("the same, lending to all", f"{found['business_cost_lend_to_all']:.3f}"),
        ("the same, lending to none", f"{found['business_cost_lend_to_none']:.3f}"),
        ("share of clients accepted", f"{found['accepted_share']:.1%}"),
        ("judged on", f"{verdict.clients:,} clients, {verdict.basis}"),
    ]


def parameters(trained: Trained) -> dict[str, Any]:
    """What the model was fitted with."""
    fitted = trained.model.estimator.get_params()
    names = ("num_leaves", "max_depth", "learning_rate", "min_child_samples", "colsample_bytree")
    return {
        "rounds": trained.fitted.chosen.rounds,
        "trees": "extra" if fitted["extra_trees"] else "exact",
        **{name: round(fitted[name], 4) for name in names},
        "columns": len(trained.data.dataset.contract.columns),
        "columns_used": len(trained.model.contract.columns),
        "calibration": trained.model.calibration.method,
    }


def metrics(trained: Trained) -> dict[str, float]:
    """Those of `COMPARED` that there are."""
    found = trained.metrics
    return {name: float(found[name]) for name in COMPARED if name in found}


def metrics_csv(trained: Trained) -> str:
    """Every metric with its 95 % interval, as CSV."""
    found = pd.Series(trained.metrics, dtype=float)
    ends = {f"{name}{end}" for name in found.index for end in ("_low", "_high")}
    table = pd.DataFrame({"value": found[~found.index.isin(ends)]})
    for end in ("low", "high"):
        table[f"{end}_95"] = [found.get(f"{name}_{end}") for name in table.index]
    return str(table.to_csv(index_label="metric", float_format="%.6g"))


def steps(trained: Trained) -> dict[str, list[tuple[int, float]]]:
    """Metrics with a value a step: AUC by fold, and the log loss on unseen clients by round."""
    curve = trained.fitted.crossed.choices[0].losses
    every = max(1, len(curve) // POINTS)
    return {
        "fold_auc": [*_fold_aucs(trained)],
        "learning_curve": [(at + 1, curve[at]) for at in range(0, len(curve), every)],
    }


def tags(trained: Trained, provenance: Provenance, digest: str) -> dict[str, str]:
    """What a run and its logged model say of the data and the model; `digest` is the model's."""
    return {
        "data_digest": trained.data.dataset.digest,
        **_both_tags(trained, digest),
        "protected_attributes": trained.protected or "none",
        "git_commit": provenance.commit,
        "command": provenance.command,
    }


def version_tags(trained: Trained, digest: str) -> dict[str, str]:
    """What a version says of the model; its run says the rest."""
    return {
        **_both_tags(trained, digest),
        "threshold": f"{trained.model.threshold!r}",
        "cost_ratio": f"{trained.cost_ratio:g}",
        TARGET: trained.data.target,
    }


def _both_tags(trained: Trained, digest: str) -> dict[str, str]:
    generated = GENERATED if trained.data.generated else {}
    excluded = {"exclude": trained.exclusion.says} if trained.exclusion else {}
    return {"model_digest": digest, **generated, **excluded}


def _fold_aucs(trained: Trained) -> Iterator[tuple[int, float]]:
    fold_of, scores = trained.fitted.crossed.fold_of[0], trained.fitted.crossed.out_of_fold
    defaulted = trained.out_of_fold.clients.defaulted
    for fold in np.unique(fold_of):
        rows = fold_of == fold
        if len(np.unique(defaulted[rows])) == 2:
            yield int(fold) + 1, float(roc_auc_score(defaulted[rows], scores[rows]))


def _headline(trained: Trained) -> Mapping[str, float]:
    """The metrics on the clients set aside, otherwise out of fold."""
    found = dict(trained.metrics)
    if trained.holdout:
        bad = float(np.mean(trained.holdout.clients.defaulted))
        found |= {
            name.removeprefix("holdout_"): found[name]
            for name in trained.metrics
            if name.startswith("holdout_")
        }
        found["business_cost_lend_to_all"] = trained.cost_ratio * bad
        found["business_cost_lend_to_none"] = 1 - bad
    return found
