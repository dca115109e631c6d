"""The routes: one table, and one plain function for each, from a request to an answer."""

from typing import Any

import orjson
from flask import render_template

from app import metrics, responses
from app.auth import SCORE
from app.context import JSON, Answer, Context
from app.errors import NotReady
from app.openapi import document
from app.requests import read_data, read_json
from app.service import Route, Service
from app.tables import read_invocation

HTML = "text/html"
FIELDS = 12
"""Inputs that the page asks for one by one; the others can be pasted as JSON."""

GENERATED = "this model was trained on made-up clients: it is for trying the software only"


def welcome(service: Service, context: Context) -> Answer:
    listed = [{"method": r.method, "path": r.path, "about": r.about} for r in service.routes]
    if _prefers_page(context.headers.get("accept", "")):
        model = service.scorer.model
        keys = bool(service.settings.api_keys)
        fields = model.features[:FIELDS]
        answer = _page("index.html", model=model, fields=fields, routes=listed, keys=keys)
    else:
        notice = {"notice": GENERATED} if service.scorer.model.generated else {}
        kept = {"decisions_kept": service.ledger is not None}
        answer = responses.as_json({"message": "Welcome", **notice, **kept, "routes": listed})
    answer.headers.append(("Vary", "Accept"))
    return answer


def features(service: Service, context: Context) -> Answer:
    model = service.scorer.model
    context.model_version = model.version
    return responses.as_json({"columns": model.columns, "features": model.features})


def best_threshold(service: Service, context: Context) -> Answer:
    model = service.scorer.model
    context.model_version = model.version
    return responses.as_json({"best_threshold": model.best_threshold})


def predict(service: Service, context: Context) -> Answer:
    clients = read_data(context, service.settings, service.scorer.model.id)
    scored = service.score(context, clients, checks=True)
    return responses.decisions(clients.ids, scored.rows, scored.decisions)


def predict_proba(service: Service, context: Context) -> Answer:
    clients = read_data(context, service.settings, service.scorer.model.id)
    scored = service.score(context, clients, checks=True)
    return responses.solvencies(clients.ids, scored.rows, scored.decisions)


def data(service: Service, context: Context) -> Answer:
    return Answer(b'{"data":%b}' % read_json(context, service.settings))


def invocations(service: Service, context: Context) -> Answer:
    clients = read_invocation(context, service.settings, service.scorer.model)
    return responses.predictions(service.score(context, clients, checks=False).rows)


def ping(service: Service, context: Context) -> Answer:
    context.model_version = service.scorer.model.version
    service.scorer.ping()
    return Answer(b"\n")


def version(service: Service, context: Context) -> Answer:
    context.model_version = service.scorer.model.version
    return Answer(service.scorer.mlflow_version().encode())


def live(service: Service, context: Context) -> Answer:  # noqa: ARG001 # every handler takes both
    return responses.as_json({"status": "live"})


def ready(service: Service, context: Context) -> Answer:
    model_version = service.scorer.model.version
    context.model_version = model_version
    if not service.readiness.ready():
        raise NotReady
    return responses.as_json({"status": "ready", "model": model_version})


def prometheus(service: Service, context: Context) -> Answer:  # noqa: ARG001 # as above
    text = metrics.exposition(service.scorer.model.version, service.readiness.ready())
    return Answer(text, content_type=metrics.CONTENT_TYPE)


def openapi(service: Service, context: Context) -> Answer:
    model = service.scorer.model
    context.model_version = model.version
    return Answer(orjson.dumps(document(model, service.settings)))


def docs(service: Service, context: Context) -> Answer:  # noqa: ARG001 # as above
    return _page("docs.html", keys=bool(service.settings.api_keys))


# fmt: off
ROUTES = (
    Route("GET", "/", welcome, "this list; a page for a browser", page=True),
    Route("GET", "/features", features, "the columns of the model", protected=True),
    Route("GET", "/best_threshold", best_threshold, "the least solvency that gets a Yes"),
    Route("POST", "/predict", predict, "Yes or No for each client",
          protected=True, roles={SCORE}, blocking=True, inline=True),
    Route("POST", "/predict_proba", predict_proba, "solvency and threshold of each client",
          protected=True, roles={SCORE}, blocking=True, inline=True),
    Route("POST", "/data", data, "what was sent, unchanged and not kept",
          protected=True, blocking=True),
    Route("POST", "/invocations", invocations, "MLflow's scoring protocol",
          protected=True, roles={SCORE}, blocking=True),
    Route("GET", "/ping", ping, "whether the scoring server answers", blocking=True),
    Route("GET", "/health", ping, "the same", blocking=True),
    Route("GET", "/version", version, "the version of MLflow that scores", blocking=True),
    Route("GET", "/health/live", live, "whether this service answers"),
    Route("GET", "/health/ready", ready, "whether the scorer gives the expected score"),
    Route("GET", "/metrics", prometheus, "metrics for Prometheus", protected=True),
    Route("GET", "/openapi.json", openapi, "this service in OpenAPI 3.1", protected=True),
    Route("GET", "/docs", docs, "the same, for a browser", page=True),
)
# fmt: on


def _prefers_page(accept: str) -> bool:
    """Browsers name HTML; programs accept JSON or anything."""
    types = accept.lower()
    return HTML in types and JSON not in types.partition(HTML)[0]


def _page(template: str, **facts: Any) -> Answer:
    policy = ("Content-Security-Policy", responses.PAGE_POLICY)
    html = render_template(template, **facts)
    return Answer(html.encode(), content_type=f"{HTML}; charset=utf-8", headers=[policy])
