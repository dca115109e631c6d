"""The OpenAPI document: `openapi.json`, filled in from the contract of the loaded model, and
`openapi_decisions.json` where decisions are kept."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.model_folder import ModelFolder
from app.settings import Settings

EXAMPLE_ID = 155312
EXAMPLE_COLUMNS = 12
"""Columns of the example client: the first of the contract, which the page asks for too."""

ANSWER_COLUMNS = ("SK_ID_CURR", "EXT_SOURCE_2")
"""Names in the examples of answers, which are left out for a model without these."""

DIGITS = 6
"""Significant digits of the numbers in the document."""

UNITS = (
    (r"EXT_SOURCE_\d", "score between 0 and 1, higher is better"),
    (r".*_TO_.*|.*_(RATIO|PERC|APP_CREDIT)(_.*)?|.*INTEREST.*|RATE_.*", "ratio"),
    (r".*_SHARE(_.*)?", "fraction of the whole"),
    (r".*_(AVG|MODE|MEDI)", "relative to the largest building, between 0 and 1"),
    (r"FLAG_.*|REG_.*|LIVE_.*", "1 for yes, 0 for no"),
    (r"DAYS_.*|.*_(DAYS|LAST_DUE|UPDATE)_.*", "days from the application, negative is before it"),
    (r".*_DPD_.*", "days late"),
    (r".*_DBD_.*", "days early"),
    (r"AMT_REQ_.*|CNT_.*|.*_COUNT", "number"),
    (r"AMT_.*|.*_(AMT|CREDIT|LIMIT|OVERDUE|PAYMENT)_.*", "currency units"),
    (r"OWN_CAR_AGE|.*_YEARS?", "years"),
    (r"MONTHS_.*|TERM|.*_MONTHS?", "months"),
)
"""Units of the Home Credit columns: the first pattern that matches the whole name gives it."""

Schema = dict[str, Any]
Feature = Mapping[str, Any]


def document(model: ModelFolder, settings: Settings) -> dict[str, Any]:
    """OpenAPI 3.1 for `model` and `settings`: a new dict at each call.

    The columns, the id column, the limits and the examples are filled in. Without API keys
    everything about keys is removed.
    """
    filled: dict[str, Any] = json.loads(_template("openapi.json"))
    if settings.ledger:
        _merge(filled, json.loads(_template("openapi_decisions.json")))
    filled["x-model-version"] = model.version
    _fill_schemas(filled["components"]["schemas"], model, settings)
    _fill_examples(filled, model)
    limits = f" (here {settings.max_bytes:,} bytes, {settings.max_rows:,} clients)"
    filled["components"]["responses"]["ContentTooLarge"]["description"] += limits
    if not settings.api_keys:
        _remove_security(filled)
    return filled


def unit_of(name: str) -> str | None:
    """What the numbers of the column `name` count, or None where its name does not say."""
    return next((unit for pattern, unit in UNITS if re.fullmatch(pattern, name)), None)


def example_client(model: ModelFolder) -> dict[str, Any]:
    """A client to read: typical values in the first columns of the contract."""
    return _client(model, EXAMPLE_COLUMNS)


def typical_client(model: ModelFolder) -> dict[str, Any]:
    """A client with a typical value in every column."""
    return _client(model, len(model.features))


def _client(model: ModelFolder, columns: int) -> dict[str, Any]:
    values = {feature["name"]: _typical(feature) for feature in model.features[:columns]}
    return {model.id: EXAMPLE_ID, **values}


def _typical(feature: Feature) -> Any:
    """The first category, or the median; None where training saw no value."""
    if feature["kind"] == "category":
        return next(iter(feature.get("categories", ())), None)
    median = _seen(feature).get("median")
    return int(median) if median is not None and median.is_integer() else median


def _seen(feature: Feature) -> dict[str, float]:
    seen = feature.get("seen") or {}
    return {name: float(f"{value:.{DIGITS}g}") for name, value in seen.items()}


@cache
def _template(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict):
            _merge(into.setdefault(name, {}), value)
        elif isinstance(value, list):
            into[name] = [*into.get(name, []), *value]
        else:
            into[name] = value


def _fill_schemas(schemas: dict[str, Schema], model: ModelFolder, settings: Settings) -> None:
    id_ = {"$ref": "#/components/schemas/ClientId"}
    value = {"$ref": "#/components/schemas/Value"}
    columns = {feature["name"]: _column_schema(feature) for feature in model.features}
    schemas["Client"] |= {"required": [model.id], "properties": {model.id: id_, **columns}}
    schemas["Client"]["examples"] = [example_client(model)]
    schemas["Row"]["properties"] = {model.id: value, **columns}
    row = schemas["PredictionRow"]
    row["required"].insert(0, model.id)
    row["properties"] = {model.id: value, **row["properties"]}
    for name in ("ClientList", "Rows"):
        schemas[name]["maxItems"] = settings.max_rows


def _column_schema(feature: Feature) -> Schema:
    """`x-seen`, `x-unit` and `x-categories` describe the column; no value is refused for them."""
    seen = _seen(feature)
    more = {"examples": [_typical(feature)], "x-seen": seen}
    if feature["kind"] == "category":
        categories = feature["categories"]
        text = f"one of {len(categories)} categories by name, or by position from 0"
        types = ["string", "integer", "boolean", "null"]
        return {"type": types, "description": text, "x-categories": categories, **more}
    unit = feature.get("unit") or unit_of(feature["name"])
    text = unit or "a number"
    if "min" in seen and "max" in seen:
        text += f"; training saw {_readable(seen['min'])} to {_readable(seen['max'])}"
    more |= {"x-unit": unit} if unit else {}
    return {"type": ["number", "null"], "description": text, **more}


def _readable(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def _fill_examples(filled: dict[str, Any], model: ModelFolder) -> None:
    schemas, paths = filled["components"]["schemas"], filled["paths"]
    client = example_client(model)
    schemas["PredictRequest"]["examples"][0]["data"] = [client]
    schemas["InvocationRequest"]["examples"][0]["inputs"] = [client]
    csv = paths["/invocations"]["post"]["requestBody"]["x-other-content-types"]["text/csv"]
    csv["example"] = "\n".join(",".join(map(_cell, row)) for row in (client, client.values()))
    features = [{**feature, "seen": _seen(feature)} for feature in model.features[:2]]
    _answer(paths["/features"])["example"] = {"columns": model.columns[:2], "features": features}
    threshold = float(f"{model.best_threshold:.4g}")
    _answer(paths["/best_threshold"])["example"] = {"best_threshold": threshold}
    _answer(paths["/health/ready"])["example"]["model"] = model.version
    if set(ANSWER_COLUMNS) <= {model.id, *model.columns}:
        return
    for path in ("/predict", "/predict_proba", "/invocations"):
        del _answer(paths[path])["example"]  # the shipped model's
    del csv["answer"]


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f'"{text}"' if "," in text else text


def _answer(item: dict[str, Any]) -> dict[str, Any]:
    """The JSON answer of the one operation of a path."""
    [operation] = item.values()
    content: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]
    return content


def _remove_security(filled: dict[str, Any]) -> None:
    del filled["components"]["securitySchemes"]
    for name in ("Unauthorized", "TooManyRequests"):
        del filled["components"]["responses"][name]
    for item in filled["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
            for status in ("401", "429"):
                operation["responses"].pop(status, None)
