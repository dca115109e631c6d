"""The bodies of requests and answers, beside the client's own columns."""

from typing import Any

from app.model_folder import ModelFolder
from app.openapi.features import Schema, client_schema
from app.settings import Settings

SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
DECISION: Schema = {"type": "string", "enum": ["Yes", "No"]}
WARNING = {"column": {"type": "string"}, "warning": {"type": "string"}}


def ref(name: str) -> Schema:
    """To one of `schemas`."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas(model: ModelFolder, settings: Settings) -> dict[str, Schema]:
    """By name."""
    rows = {"maxItems": settings.max_rows}
    level = _object({"niveau de solvabilité": SHARE, "seuil": SHARE})
    return {
        "Client": client_schema(model, with_id=True),
        "Row": client_schema(model, with_id=False),
        "Clients": _object(
            {"data": {"anyOf": [ref("Client"), {**_list(ref("Client")), "minItems": 1, **rows}]}}
        ),
        "Decisions": _predictions(DECISION, model),
        "Solvencies": _predictions(level, model),
        "Invocation": _invocation(model, settings),
        "Predictions": _object({"predictions": _list(_prediction(model))}),
        "Features": _object({"columns": _list({"type": "string"}), "features": _list(_feature())}),
        "Threshold": _object({"best_threshold": SHARE}),
        "Data": _object({"data": {"description": "what was sent, unchanged"}}),
        "Welcome": _object({"message": {"type": "string"}, "routes": _list({"type": "object"})}),
        "Status": _object(
            {"status": {"type": "string"}}, {"model": {"type": "string", "description": "version"}}
        ),
        "Error": _object(
            {
                "error": {"type": "string", "description": "one sentence, without client data"},
                "details": {**_list(_detail()), "maxItems": 20},
                "request_id": {"type": "string"},
            }
        ),
    }


def _predictions(answer: Schema, model: ModelFolder) -> Schema:
    """`answer` for each client; beside it coverage, if the model tells it, and warnings."""
    about = "share of the model's total gain whose columns the client has"
    coverage = {"coverage": {**_by_client(SHARE), "description": about}}
    warnings = {
        **_list(_object({"client": {"type": "string"}, **WARNING})),
        "description": "values unlike training's; left out where there are none",
    }
    return _object(
        {
            "prediction": {**_by_client(answer), "minProperties": 1},
            **(coverage if model.checks else {}),
        },
        {"warnings": warnings},
    )


def _by_client(value: Schema) -> Schema:
    names = {"pattern": "^client n°"}
    return {"type": "object", "propertyNames": names, "additionalProperties": value}


def _prediction(model: ModelFolder) -> Schema:
    """A row of MLflow's answer, with what its params asked for."""
    id_ = {"description": "as it was sent; null if none was"}
    return _object(
        {model.id: id_, "solvency": SHARE, "threshold": SHARE, "decision": DECISION},
        {
            "reasons": _list({"type": "object"}),
            "coverage": SHARE,
            "warnings": _list(_object(WARNING)),
        },
    )


def _invocation(model: ModelFolder, settings: Settings) -> Schema:
    """MLflow's JSON formats."""
    rows = {**_list(ref("Row")), "minItems": 1, "maxItems": settings.max_rows}
    columns = {"type": "object", "additionalProperties": {"type": "array"}}
    split = _object({"columns": _list({"type": "string"}), "data": _list({"type": "array"})})
    forms: list[dict[str, Schema]] = [
        {"inputs": {"anyOf": [rows, columns, ref("Row")]}},
        {"instances": {"anyOf": [rows, columns]}},
        {"dataframe_records": rows},
        {"dataframe_split": split},
    ]
    params = {
        "params": {
            "type": "object",
            "properties": {
                "threshold": SHARE,
                "reasons": {"type": "integer", "minimum": 0, "description": "how many, at most"},
                "checks": {"type": "boolean", "description": "asks for coverage and warnings"},
            },
        }
    }
    return {
        "description": "one of MLflow's JSON formats",
        "anyOf": [_object(form, params) for form in forms],
        "examples": [{"inputs": [{model.columns[0]: None}]}] if model.columns else [],
    }


def _feature() -> Schema:
    kind = {"type": "string", "enum": ["number", "category"]}
    optional = {"categories": _list({"type": "string"}), "seen": {"type": "object"}}
    return _object({"name": {"type": "string"}, "kind": kind}, optional)


def _detail() -> Schema:
    row = {"type": "integer", "minimum": 0, "description": "from 0, in the order sent"}
    return _object({"row": row, "expected": {"type": "string"}}, {"column": {"type": "string"}})


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
