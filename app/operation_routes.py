"""The routes for those who run the service, and for those who write programs against it."""

from flask import Blueprint, Response, render_template

from app.errors import NotReady
from app.headers import PAGE_POLICY
from app.metrics.text import CONTENT_TYPE, exposition
from app.openapi import document
from app.service import as_json, service

operations = Blueprint("operations", __name__)


@operations.get("/health/live")
def live() -> Response:
    return as_json({"status": "live"})


@operations.get("/health/ready")
def ready() -> Response:
    if not service().readiness.ready():
        raise NotReady
    return as_json({"status": "ready", "model": service().model.version})


@operations.get("/metrics")
def metrics() -> Response:
    ready = service().readiness.ready()
    text = exposition(service().figures, service().model.version, ready)
    return Response(text, content_type=CONTENT_TYPE)


@operations.get("/openapi.json")
def openapi() -> Response:
    return as_json(document(service().model, service().settings))


@operations.get("/docs")
def docs() -> Response:
    page = render_template("docs.html", keys=bool(service().settings.api_keys))
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": PAGE_POLICY})
