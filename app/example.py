"""A client made from the contract of a model: for whoever reads about it, and to try it."""

from collections.abc import Mapping
from typing import Any

from app.model_folder import ModelFolder

ID = 155312
SHOWN = 12
"""Columns that a client has who is to be read: the first of the contract."""


def example_client(model: ModelFolder) -> dict[str, Any]:
    """With a typical value in the first columns."""
    return _client(model, SHOWN)


def typical_client(model: ModelFolder) -> dict[str, Any]:
    """With a typical value in every column."""
    return _client(model, len(model.features))


def _client(model: ModelFolder, columns: int) -> dict[str, Any]:
    values = {feature["name"]: example_of(feature) for feature in model.features[:columns]}
    return {model.id: ID, **values}


def example_of(feature: Mapping[str, Any]) -> Any:
    """The first category, or the median: null where training had none."""
    if feature["kind"] == "category":
        return next(iter(feature["categories"]), None)
    return (feature.get("seen") or {}).get("median")
