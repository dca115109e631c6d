"""A client made from the contract of a model: for whoever reads about it, and to try it."""

from collections.abc import Mapping
from typing import Any

from app.model_folder import ModelFolder

ID = 155312
SHOWN = 12
"""Columns that the client has: the first of the contract."""


def example_client(model: ModelFolder) -> dict[str, Any]:
    """With a typical value in the first columns."""
    columns = {feature["name"]: example_of(feature) for feature in model.features[:SHOWN]}
    return {model.id: ID, **columns}


def example_of(feature: Mapping[str, Any]) -> Any:
    """The first category, or the median: null where training had none."""
    if feature["kind"] == "category":
        return next(iter(feature["categories"]), None)
    return (feature.get("seen") or {}).get("median")
