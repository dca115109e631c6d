"""The routes: one table, and one plain function for each, from a request to an answer."""

import orjson

from app import metrics, responses
from app.auth import SCORE
from app.context import Answer, Context
from app.errors import NotReady
from app.openapi import document
from app.page import card, model_facts, page, prefers_page
from app.requests import read_data, read_json
from app.service import Route, Service
from app.tables import read_invocation

GENERATED = "this model was trained on made-up clients: it is for trying the software only"


def welcome(service: Service, context: Context) -> Answer:
    if prefers_page(context):
        answer = page("index.html", context, keys=bool(service.settings.api_keys))
    else:
        listed = [{"method": r.method, "path": r.path, "about": r.about} for r in service.routes]
        notice = {"notice": GENERATED} if service.scorer.model.generated else {}
        kept = {"decisions_kept": service.ledger is not None}
        answer = responses.as_json({"message": "Welcome", **notice, **kept, "routes": listed})
    answer.headers.append(("Vary", "Accept, Accept-Language"))
    return answer


def model(service: Service, context: Context) -> Answer:
    served = service.scorer.model
    context.model_version = served.version
    found = card(served) if prefers_page(context) else None
    facts = model_facts(served, service.settings) | {"reviews": service.has_reviews(context)}
    answer = found or responses.as_json(facts)
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
    scored = service.score(context, clients, checks=True, trial=context.is_trial)
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
    spool_bytes = service.ledger.spool_bytes() if service.ledger else 0
    model, is_ready = service.scorer.model.version, service.readiness.ready()
    text = metrics.exposition(model, is_ready, spool_bytes)
    return Answer(text, content_type=metrics.CONTENT_TYPE)


def openapi(service: Service, context: Context) -> Answer:
    model = service.scorer.model
    context.model_version = model.version
    return Answer(orjson.dumps(document(model, service.settings)))


def docs(service: Service, context: Context) -> Answer:
    return page("docs.html", context, keys=bool(service.settings.api_keys))


# fmt: off
ROUTES = (
    Route("GET", "/", welcome, "this list; a page for a browser", page=True),
    Route("GET", "/features", features, "the columns of the model", protected=True),
    Route("GET", "/model", model, "version, date and metrics of the model; its card for a browser",
          protected=True),
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
