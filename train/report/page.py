"""What the service's page shows of a model: display facts of its columns, metrics, past clients.

The display facts stand in the contract, the rest in `summary.json`, which holds no client's row.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from scoring_model.checks import TOTAL_WEIGHT, weights
from scoring_model.contract import Contract, Feature, Vector
from scoring_model.decision import solvency
from scoring_model.derive import Derivation
from train.errors import TrainError
from train.evaluation.clients import score
from train.evaluation.trained import Trained
from train.fitting.folds import Outcomes
from train.home_credit.display import by_language, display, groups
from train.home_credit.schema import CLIENT

FORMATS = {
    *("number", "amount", "percent", "flag", "category"),
    *("date", "days", "days_ago", "months", "months_ago"),
}
FLAG = {"false": by_language("No", "Non"), "true": by_language("Yes", "Oui")}
MONEY = ("amount", "amt", "income", "price", "balance", "salary", "credit_limit")
"""Words in the name of a column of another lender's that holds amounts of money."""
BINS = 40
TAIL = 0.002
"""Fraction of the clients whose solvency is below the first bin; they are counted in it."""

AVERAGED = 51
"""Past clients that one example is the typical value of."""
CANDIDATES = 80
METRICS = ("auc", "business_cost", "accepted_share")


def read_display(path: Path | None) -> Mapping[str, Any]:
    """`groups` and `columns` of a JSON file, which take the place of what is declared or guessed.

    Raises TrainError.
    """
    if path is None:
        return {}
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        columns = facts.get("columns", {})
        formats = {name: column.get("format", "number") for name, column in columns.items()}
        labels = [column.get("label", {}) for column in columns.values()]
        titles = [*labels, *facts.get("groups", {}).values()]
        texts = [text for title in titles for text in title.values()]
    except OSError as error:
        raise TrainError(f"--display {path}: {error.strerror or error}") from error
    except (ValueError, AttributeError) as error:
        wanted = '{"groups": {...}, "columns": {NAME: {...}}}'
        raise TrainError(f"--display {path}: expected {wanted}") from error
    if wrong := [name for name, kind in formats.items() if kind not in FORMATS]:
        known = ", ".join(sorted(FORMATS))
        raise TrainError(f"--display {path}: the format of {wrong[0]} is none of {known}")
    if not all(isinstance(text, str) for text in texts):
        raise TrainError(f"--display {path}: a label or a group is a text for each language")
    return facts


def described(
    contract: Contract, derivation: Derivation, gains: list[float], given: Mapping[str, Any]
) -> Contract:
    """The contract with the weight and the display facts of each column.

    `gains` are those of the columns of `derivation`, `given` what `read_display` has read.
    """
    known = contract.id == CLIENT
    columns = given.get("columns", {})
    share = weights(derivation, gains) / TOTAL_WEIGHT
    features = tuple(
        replace(
            feature,
            weight=float(weight),
            display=((display(feature.name) if known else {}) or guessed(feature))
            | columns.get(feature.name, {}),
        )
        for feature, weight in zip(contract.features, share, strict=True)
    )
    titles = (groups() if known else {}) | given.get("groups", {})
    return replace(contract, features=features, groups=titles)


def guessed(feature: Feature) -> dict[str, Any]:
    """What the name and the kind of a column say of it."""
    words = feature.name.replace("_", " ").replace(".", " ").strip()
    label = words[:1].upper() + (words[1:].lower() if words.isupper() else words[1:])
    facts: dict[str, Any] = {"label": by_language(label, label)}
    if feature.kind == "category":
        flag = {name.lower() for name in feature.categories} == {"false", "true"}
        return facts | {"format": "category"} | ({"names": FLAG} if flag else {})
    money = any(word in feature.name.lower() for word in MONEY)
    return facts | {"format": "amount" if money else "number"}


def page_summary(trained: Trained) -> dict[str, Any]:
    """Headline metrics, the histogram of out-of-fold solvencies, and three made-up clients."""
    evaluation = trained.evaluation
    return {
        "metrics": {
            "clients": len(evaluation.defaulted),
            **{name: round(trained.metrics[name], 4) for name in METRICS},
        },
        "solvency_histogram": solvency_histogram(evaluation.solvency, evaluation.defaulted),
        "examples": examples(trained),
    }


def solvency_histogram(solvencies: Vector, defaulted: Outcomes) -> dict[str, list[float]]:
    """Counts of past clients by outcome in `BINS` equal bins up to 1, with their `edges`."""
    low = np.floor(np.quantile(solvencies, TAIL) * 20) / 20
    edges = np.linspace(min(low, 0.95), 1.0, BINS + 1)
    inside = np.clip(solvencies, edges[0], 1.0)
    counts = {
        name: np.histogram(inside[defaulted == outcome], edges)[0].tolist()
        for outcome, name in enumerate(("repaid", "defaulted"))
    }
    return {"edges": edges.round(6).tolist(), **counts}


def examples(trained: Trained) -> list[dict[str, Any]]:
    """Made-up clients: one accepted, one refused and one next to the threshold, as far as there
    are any. Each has the median or the most frequent value of `AVERAGED` clients of about the same
    solvency, so that no real client is among them."""
    model, table = trained.model, trained.data.compared_on.table
    if table is None:
        return []
    order = np.argsort(trained.probability)
    frame = table.select(model.contract.columns).to_pandas()
    width = max(2, min(AVERAGED, len(order) // 4))
    starts = np.linspace(0, len(order) - width, CANDIDATES).astype(int)
    made = [_typical(frame.iloc[order[start : start + width]], model.contract) for start in starts]
    typical = pa.Table.from_pandas(pd.DataFrame(made, columns=frame.columns))
    solvencies = solvency(score(typical, model, threads=1))
    past, ids = solvency(trained.probability), trained.fitted.dataset.id_type
    accepted = solvencies >= model.threshold
    chosen = []
    for among, aim in (
        (accepted, np.median(past[past >= model.threshold], keepdims=True)),
        (~accepted, np.median(past[past < model.threshold], keepdims=True)),
        (np.ones_like(accepted), [model.threshold]),
    ):
        distance = np.where(among, np.abs(solvencies - aim[0]), np.inf)
        chosen.append(int(distance.argmin()))
    return [
        {
            "solvency": float(solvencies[place]),
            "client": {model.contract.id: ids(number), **_known(made[place])},
        }
        for number, place in enumerate(dict.fromkeys(chosen), 1)
    ]


def _typical(clients: pd.DataFrame, contract: Contract) -> dict[str, Any]:
    """The median or the most frequent value of each column; None where most have none."""
    made: dict[str, Any] = {}
    for feature in contract.features:
        values = clients[feature.name]
        known = values.dropna()
        if len(known) < len(values) / 2:
            made[feature.name] = None
        elif feature.kind == "category":
            value = known.mode().iloc[0]
            made[feature.name] = bool(value) if isinstance(value, np.bool_) else value
        else:
            whole = bool((known % 1 == 0).all())
            median = float(known.astype("float64").quantile(interpolation="nearest"))
            made[feature.name] = round(median) if whole else round(median, 6)
    return made


def _known(client: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in client.items() if value is not None}
