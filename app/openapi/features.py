"""Each column of the contract as a JSON schema."""

from collections.abc import Mapping
from typing import Any

from app.example import ID, example_client, example_of
from app.model_folder import ModelFolder
from app.openapi.units import unit_of

Schema = dict[str, Any]
Feature = Mapping[str, Any]


def id_schema() -> Schema:
    """What tells one client from another."""
    whole = {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1}
    return {
        "description": "the client's id, returned in the answer's keys; unique in a request",
        "anyOf": [whole, {"type": "string", "minLength": 1}],
        "examples": [ID],
    }


def feature_schema(feature: Feature) -> Schema:
    """What a caller may send in one column: null, like leaving it out, is missing to the model.

    `x-seen` and `x-unit` describe; they refuse nothing.
    """
    seen: Mapping[str, float] = feature.get("seen") or {}
    described = {"examples": [example_of(feature)], "x-seen": dict(seen)}
    if feature["kind"] == "category":
        categories = feature["categories"]
        told = f"one of {len(categories)} categories by name, or by position from 0"
        types = ["string", "integer", "boolean", "null"]
        return {"type": types, "description": told, "x-categories": categories, **described}
    unit = feature.get("unit") or unit_of(feature["name"])
    told = ", ".join(filter(None, [unit or "a number", _range(seen)]))
    types = ["number", "null"]
    return {"type": types, "description": told, **described, **({"x-unit": unit} if unit else {})}


def client_schema(model: ModelFolder, *, with_id: bool) -> Schema:
    """A client: the id, and at least one column."""
    columns = {feature["name"]: feature_schema(feature) for feature in model.features}
    id_ = id_schema() if with_id else {"description": "the client's id, returned as it was sent"}
    return {
        "type": "object",
        "description": "columns in any order; those that the model does not know are ignored",
        "properties": {model.id: id_, **columns},
        "minProperties": 1 + with_id,
        **({"required": [model.id]} if with_id else {}),
        "examples": [example_client(model)],
    }


def _range(seen: Mapping[str, float]) -> str | None:
    if "min" not in seen or "max" not in seen:
        return None
    return f"training saw {seen['min']:g} to {seen['max']:g}"
