"""Display facts of a model's columns, which the service's page makes its form of."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scoring_model.checks import TOTAL_WEIGHT, weights
from scoring_model.contract import Contract, Feature
from scoring_model.derive import Derivation
from train.errors import TrainError
from train.home_credit.display import by_language, display, groups
from train.home_credit.schema import CLIENT

FORMATS = (
    "number",
    "amount",
    "percent",
    "date",
    "days",
    "days_ago",
    "months",
    "months_ago",
    "flag",
    "category",
)
FLAG = {"false": by_language("No", "Non"), "true": by_language("Yes", "Oui")}
MONEY = ("amount", "amt", "income", "price", "balance", "salary", "credit_limit")
"""Words in the name of a column of another lender's that holds amounts of money."""


class DisplayFile(TrainError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"--display {path}: {reason}")


def read_display(path: Path | None) -> Mapping[str, Any]:
    """`groups` and `columns` of a JSON file, which take the place of what is declared or guessed.

    Raises DisplayFile.
    """
    if path is None:
        return {}
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        columns = facts.get("columns", {})
        formats = {name: column.get("format", "number") for name, column in columns.items()}
        labels = [column.get("label", {}).values() for column in columns.values()]
        titles = [title.values() for title in facts.get("groups", {}).values()]
    except OSError as error:
        raise DisplayFile(path, error.strerror or str(error)) from error
    except (ValueError, AttributeError) as error:
        raise DisplayFile(path, 'expected {"groups": {...}, "columns": {NAME: {...}}}') from error
    if wrong := [name for name, kind in formats.items() if kind not in FORMATS]:
        raise DisplayFile(path, f"the format of {wrong[0]} is none of {', '.join(FORMATS)}")
    if not all(isinstance(text, str) for texts in (*labels, *titles) for text in texts):
        raise DisplayFile(path, "a label or a group is a text for each language")
    return dict(facts)


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
