"""The routes, and all that each can answer."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from app.access.check import is_protected
from app.openapi.schemas import ref

JSON, HTML, CSV = "application/json", "text/html", "text/csv"
PARQUET, PROMETHEUS = "application/vnd.apache.parquet", "text/plain"

MEANING = {
    400: "not JSON, a key twice in one object, no clients, a client without an id or with that of"
    " another; not HTTP",
    401: "no API key, or one that is not known",
    408: "the body took longer to arrive than the limit",
    413: "more bytes, rows or columns than the limit, in JSON, CSV and Parquet alike",
    415: "another content type than the route takes, or a compressed body",
    422: "a value that is not of its column's kind, a client without any known column or with less"
    " of the model's gain than the configured coverage: details name row and column",
    429: "more requests than this key may send",
    500: "the service failed; the log names the cause under the request id",
    503: "at the limit of requests in flight, or the scorer is not up or not ready",
    504: "scoring took longer than the limit",
}

WITHOUT_BODY = {400: "not HTTP", 413: "a body of more bytes than the limit"}
"""What these mean where nothing is sent."""

EVERYWHERE = (400, 408, 413, 500)
"""What any request can meet: one that is not HTTP, and one with a body beyond the limit."""

BUSY = (503,)
SCORED = (*BUSY, 504)
POSTED = (415, *BUSY)
KEPT = (401, 429)

CLIENTS = {JSON: ref("Clients")}
INVOCATION = {JSON: ref("Invocation"), CSV: {}, PARQUET: {}}


class Operation(NamedTuple):
    """One route: what it is for, what it takes and gives by content type, and how it can fail."""

    method: str
    path: str
    about: str
    gives: Mapping[str, Any]
    fails: tuple[int, ...]
    takes: Mapping[str, Any] | None = None
    scored: bool = False


OPERATIONS = (
    Operation("POST", "/predict", "Yes or No for each client",
              {JSON: ref("Decisions")}, (*POSTED, 422, 504), CLIENTS, True),
    Operation("POST", "/predict_proba", "Solvency and threshold of each client",
              {JSON: ref("Solvencies")}, (*POSTED, 422, 504), CLIENTS, True),
    Operation("POST", "/invocations", "MLflow's scoring protocol",
              {JSON: ref("Predictions")}, (*POSTED, 422, 504), INVOCATION, True),
    Operation("POST", "/data", "What was sent, unchanged and not kept",
              {JSON: ref("Data")}, POSTED, {JSON: {}}),
    Operation("GET", "/features", "The columns of the model", {JSON: ref("Features")}, BUSY,
              scored=True),
    Operation("GET", "/best_threshold", "The least solvency that gets a Yes",
              {JSON: ref("Threshold")}, BUSY, scored=True),
    Operation("GET", "/", "Welcome and the routes; a page for a browser",
              {JSON: ref("Welcome"), HTML: {}}, BUSY),
    Operation("GET", "/ping", "Whether the scoring server answers", {JSON: None}, SCORED,
              scored=True),
    Operation("GET", "/health", "The same as /ping", {JSON: None}, SCORED, scored=True),
    Operation("GET", "/version", "The version of MLflow that scores", {JSON: None}, SCORED,
              scored=True),
    Operation("GET", "/health/live", "Whether this service answers", {JSON: ref("Status")}, ()),
    Operation("GET", "/health/ready", "Whether the scorer gives the score that it should",
              {JSON: ref("Status")}, BUSY),
    Operation("GET", "/metrics", "Figures for Prometheus", {PROMETHEUS: {"type": "string"}}, BUSY),
    Operation("GET", "/openapi.json", "This document", {JSON: {"type": "object"}}, BUSY),
    Operation("GET", "/docs", "This document for a browser", {HTML: {}}, BUSY),
)  # fmt: skip


def described(operation: Operation, *, keys: bool) -> dict[str, Any]:
    """As OpenAPI puts it; with `keys`, the routes that need one say so."""
    protected = keys and is_protected(operation.method, operation.path)
    statuses = sorted({*EVERYWHERE, *operation.fails, *(KEPT if protected else ())})
    told: dict[str, Any] = {
        "operationId": f"{operation.method} {operation.path}",
        "summary": operation.about,
        "parameters": [{"$ref": "#/components/parameters/RequestId"}],
        "responses": {
            "200": _answer(operation),
            **{str(status): _failure(status, operation) for status in statuses},
        },
    }
    if operation.takes is not None:
        told["requestBody"] = {"required": True, "content": _content(operation.takes)}
    if protected:
        told["security"] = [{"bearer": []}, {"header": []}]
    return told


def _answer(operation: Operation) -> dict[str, Any]:
    names = ["X-Request-ID", *(["X-Model-Version"] if operation.scored else [])]
    return {"description": "OK", "headers": _headers(names), "content": _content(operation.gives)}


def _failure(status: int, operation: Operation) -> dict[str, Any]:
    meaning = MEANING if operation.takes is not None else MEANING | WITHOUT_BODY
    more = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}.get(status, [])
    return {
        "description": f"{HTTPStatus(status).phrase}: {meaning[status]}",
        "headers": _headers(["X-Request-ID", *more]),
        "content": {JSON: {"schema": ref("Error")}},
    }


def _headers(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _content(by_type: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of None is a body that its content type does not describe, as MLflow sends some."""
    return {
        type_: {} if schema is None else {"schema": schema} for type_, schema in by_type.items()
    }
