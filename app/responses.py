"""Scores and errors to the JSON of the answers, and the headers of every answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from app.context import JSON, REQUEST_ID, Answer, Context
from app.errors import problem_of
from app.log import log_failure

Row = Mapping[str, Any]
"""The model's output for one client."""

VERSION_HEADER = "X-Model-Version"
NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    f"{NOTHING_ALLOWED}; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'"
)
"""Content-Security-Policy of a page: its own files only."""

SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Server", "credit-scoring"),  # in place of the server's own name
)
DEFAULTS = (("Content-Security-Policy", NOTHING_ALLOWED), ("Cache-Control", "no-store"))
"""Headers of answers that do not set them themselves, as pages and their files do."""

ALLOWED_HEADERS = "Authorization, Content-Type, X-API-Key, X-Request-ID"
EXPOSED_HEADERS = "Retry-After, X-Model-Version, X-Request-ID"
PREFLIGHT_SECONDS = "600"


def decisions(ids: Sequence[Any], rows: Sequence[Row], kept: Sequence[str] = ()) -> Answer:
    """Yes or No for each client. `kept` are the ids of their decisions, where they are kept."""
    return _by_client(ids, rows, [row["decision"] for row in rows], kept)


def solvencies(ids: Sequence[Any], rows: Sequence[Row], kept: Sequence[str] = ()) -> Answer:
    """Solvency and threshold of each client. `kept` as for `decisions`."""
    names = {"niveau de solvabilité": "solvency", "seuil": "threshold"}
    values = [{key: row[name] for key, name in names.items()} for row in rows]
    return _by_client(ids, rows, values, kept)


def predictions(rows: Sequence[Row]) -> Answer:
    """The answer of MLflow's scoring server, byte for byte."""
    return Answer(json.dumps({"predictions": rows}).encode())


def as_json(content: object) -> Answer:
    """UTF-8 without escapes."""
    return Answer(orjson.dumps(content))


def error_answer(error: Exception, context: Context) -> Answer:
    """One sentence, details, and the request id. Unexpected errors are logged."""
    status, sentence, details, headers = problem_of(error)
    if status >= 500 and not headers:
        log_failure(error, context.request_id)
    return problem_answer(context, status, sentence, details, headers)


def problem_answer(
    context: Context,
    status: int,
    sentence: str,
    details: Sequence[Any] = (),
    headers: Mapping[str, str] = {},
) -> Answer:
    """The JSON of every error."""
    body = {"error": sentence, "details": list(details), "request_id": context.request_id}
    return Answer(orjson.dumps(body), status, JSON, list(headers.items()))


def complete(headers: list[tuple[str, str]], context: Context, origins: Sequence[str]) -> None:
    """Adds the headers that every answer has; pages of `origins` may read the answer (CORS)."""
    present = {name for name, _ in headers}
    headers.append((REQUEST_ID, context.request_id))
    if context.model_version:
        headers.append((VERSION_HEADER, context.model_version))
    headers.extend(SECURITY)
    headers.extend(default for default in DEFAULTS if default[0] not in present)
    if origins:
        headers.extend(_cors(context, dict(headers), origins))


def _cors(
    context: Context, present: Mapping[str, str], origins: Sequence[str]
) -> list[tuple[str, str]]:
    """Without credentials: a key is sent in a header, which a page sets itself."""
    origin, vary = context.headers.get("origin"), ("Vary", "Origin")
    if origin is None or not (origin in origins or "*" in origins):
        return [vary]
    shared = [
        vary,
        ("Access-Control-Allow-Origin", "*" if "*" in origins else origin),
        ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
    ]
    if context.method == "OPTIONS":
        shared += [
            ("Access-Control-Allow-Methods", present.get("Allow", "")),
            ("Access-Control-Allow-Headers", ALLOWED_HEADERS),
            ("Access-Control-Max-Age", PREFLIGHT_SECONDS),
        ]
    return shared


def _by_client(
    ids: Sequence[Any], rows: Sequence[Row], values: Sequence[Any], kept: Sequence[str]
) -> Answer:
    """`values` by client; beside them coverage, warnings, reasons and counterfactuals, where the
    model gave any."""
    keys = [f"client n°{id_}" for id_ in ids]
    body: dict[str, Any] = {"prediction": dict(zip(keys, values, strict=True))}
    for name in ("coverage", "reasons", "counterfactuals"):
        found = {key: row.get(name) for key, row in zip(keys, rows, strict=True)}
        if found := {key: value for key, value in found.items() if value not in (None, [])}:
            body[name] = found
    warnings = [
        {"client": key, **warning}
        for key, row in zip(keys, rows, strict=True)
        for warning in row.get("warnings", ())
    ]
    if warnings:
        body["warnings"] = warnings
    if kept:
        body["decisions"] = dict(zip(keys, kept, strict=True))
    return as_json(body)
