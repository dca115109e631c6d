"""The routes: each parses, calls, and returns."""

from flask import Blueprint, Response, render_template, request

from app.bridge import REFUSED
from app.errors import Compressed, TooLarge, UnsupportedType
from app.exchange import exchange
from app.headers import PAGE_POLICY
from app.invocation import CSV, PARQUET, check_invocation
from app.metrics.reply import read_scores
from app.payload import parse_json
from app.predictions import predictions
from app.scorer import Reply
from app.service import JSON, as_json, service

HTML = "text/html"
MLFLOW_TYPES = (JSON, CSV, PARQUET)
FIELDS = 12
"""Features that the page asks for one by one; the others can be pasted as JSON."""

ROUTES = [
    {"method": "GET", "path": "/", "about": "this list; a page for a browser"},
    {"method": "GET", "path": "/features", "about": "the columns of the model"},
    {"method": "GET", "path": "/best_threshold", "about": "the least solvency that gets a Yes"},
    {"method": "POST", "path": "/predict", "about": "Yes or No for each client"},
    {"method": "POST", "path": "/predict_proba", "about": "solvency and threshold of each client"},
    {"method": "POST", "path": "/data", "about": "what was sent, unchanged and not kept"},
    {"method": "POST", "path": "/invocations", "about": "MLflow's scoring protocol"},
    {"method": "GET", "path": "/ping", "about": "whether the scoring server answers"},
    {"method": "GET", "path": "/health", "about": "the same"},
    {"method": "GET", "path": "/version", "about": "the version of MLflow that scores"},
    {"method": "GET", "path": "/health/live", "about": "whether this service answers"},
    {"method": "GET", "path": "/health/ready", "about": "whether the scorer scores as it should"},
    {"method": "GET", "path": "/metrics", "about": "figures for Prometheus"},
    {"method": "GET", "path": "/openapi.json", "about": "this service in OpenAPI 3.1"},
    {"method": "GET", "path": "/docs", "about": "the same, for a browser"},
]

api = Blueprint("api", __name__)


@api.before_app_request
def check() -> None:
    """Raises what is wrong with a request whatever it asks for."""
    if request.url_rule is not None:
        exchange().route = request.url_rule.rule
    if error := request.environ.get(REFUSED):
        raise error
    if len(request.get_data()) > service().settings.max_bytes:
        raise TooLarge(service().settings.max_bytes)


@api.get("/")
def welcome() -> Response:
    response = _page() if _prefers_page() else as_json({"message": "Welcome", "routes": ROUTES})
    response.vary.add("Accept")
    return response


@api.get("/features")
def features() -> Response:
    model = service().model
    return as_json({"columns": model.columns, "features": model.features})


@api.get("/best_threshold")
def best_threshold() -> Response:
    return as_json({"best_threshold": service().model.best_threshold})


@api.post("/predict")
@api.post("/predict_proba")
def predict() -> Response:
    body = predictions(service(), exchange(), request.path, _body(JSON))
    return Response(body, mimetype=JSON)


@api.post("/data")
def data() -> Response:
    body = _body(JSON)
    parse_json(body)
    return Response(b'{"data":%b}' % body.strip(), mimetype=JSON)


@api.post("/invocations")
def invocations() -> Response:
    body = _body(*MLFLOW_TYPES)
    limits = service().settings
    checked = check_invocation(body, request.mimetype, limits.max_rows, limits.max_bytes)
    exchange().rows = checked.rows
    if checked.params_alone:
        service().scorer.invoke(checked.params_alone, JSON)
    reply = service().scorer.invoke(body, request.mimetype)
    service().figures.observe_answer(read_scores(reply.body))
    return _passed_on(reply)


@api.get("/ping")
@api.get("/health")
def ping() -> Response:
    return _passed_on(service().scorer.ping())


@api.get("/version")
def version() -> Response:
    return _passed_on(service().scorer.version())


def _body(*content_types: str) -> bytes:
    charset = request.mimetype_params.get("charset", "utf-8")
    if request.mimetype not in content_types or charset.lower() not in {"utf-8", "utf8"}:
        raise UnsupportedType(content_types)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Compressed
    return request.get_data()


def _passed_on(reply: Reply) -> Response:
    return Response(reply.body, content_type=reply.content_type)


def _prefers_page() -> bool:
    return request.accept_mimetypes.best_match([JSON, HTML]) == HTML


def _page() -> Response:
    model = service().model
    page = render_template(
        "index.html",
        model=model,
        fields=model.features[:FIELDS],
        routes=ROUTES,
        keys=bool(service().settings.api_keys),
    )
    return Response(page, mimetype=HTML, headers={"Content-Security-Policy": PAGE_POLICY})
