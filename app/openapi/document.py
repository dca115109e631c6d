"""The whole document."""

from typing import Any

from app.access.check import KEY_HEADER
from app.example import example_client
from app.exchange import HEADER
from app.model_folder import ModelFolder
from app.openapi.operations import JSON, OPERATIONS, described
from app.openapi.schemas import schemas
from app.settings import Settings

VERSION = "1"
"""Of the interface: another when a route or a key of an answer changes its meaning."""

TEXT = {"type": "string"}
SECONDS = {"type": "integer", "minimum": 1}


def document_of(model: ModelFolder, settings: Settings) -> dict[str, Any]:
    """OpenAPI 3.1 for the service as it is set up, with `model` loaded."""
    keys = bool(settings.api_keys)
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = described(operation, keys=keys)
    for path in ("/predict", "/predict_proba"):
        content = paths[path]["post"]["requestBody"]["content"][JSON]
        content["example"] = {"data": [example_client(model)]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Credit scoring",
            "version": VERSION,
            "description": "Whether a client is solvable, and how far: solvency is 1 - probability"
            " of default, and the threshold is the least solvency that gets a Yes.",
        },
        "x-model-version": model.version,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": _components(model, settings),
    }


def _components(model: ModelFolder, settings: Settings) -> dict[str, Any]:
    components: dict[str, Any] = {
        "schemas": schemas(model, settings),
        "parameters": {
            "RequestId": {
                "name": HEADER,
                "in": "header",
                "required": False,
                "description": "up to 64 printable ASCII characters without spaces; any other is"
                " replaced",
                "schema": TEXT,
            }
        },
        "headers": {
            HEADER: _header("the id sent, or one that was made; it is in the log", TEXT),
            "X-Model-Version": _header("which model answered", TEXT),
            "Retry-After": _header("seconds to wait before asking again", SECONDS),
            "WWW-Authenticate": _header("how to send a key", TEXT),
        },
    }
    if settings.api_keys:
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": KEY_HEADER},
        }
    return components


def _header(about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": about, "required": True, "schema": schema}
