"""The Flask application: complete by itself, with every route of the table."""

import tempfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from threading import Thread

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from app.auth import Authentication
from app.context import Answer, Context
from app.errors import CannotStart, HeadTooLarge, TooLarge
from app.errors import NotFound as NoRoute
from app.forwarding import Forwarding
from app.log import log_event
from app.model_folder import ModelFolder
from app.model_store import CURRENT, Watcher, fetched_copy, link_current, state_of
from app.readiness import Readiness
from app.requests import HEAD_BYTES, HEAD_LINES, is_head_large
from app.responses import error_answer, problem_answer
from app.routes import ROUTES
from app.scorer import InProcess, Scorer, check_min_coverage
from app.service import Route, Service
from app.settings import REQUIRED, Settings
from ledger.errors import InvalidSetting
from ledger.settings import Settings as LedgerSettings

SENTENCES = {
    HTTPStatus.NOT_FOUND: NoRoute.sentence,
    HTTPStatus.METHOD_NOT_ALLOWED: "this route does not take this method: see Allow",
}


def create_app(settings: Settings | None = None, scorer: Scorer | None = None) -> Flask:
    """The WSGI application; settings come from the environment unless they are given.

    Without a scoring server to forward to, as under `flask run`, the model is loaded in-process.
    Raises BrokenModel, InvalidSetting and CannotStart.
    """
    return flask_app(create_service(settings or Settings.from_environ(), scorer))


def create_service(settings: Settings, scorer: Scorer | None = None) -> Service:
    """Loads or connects the scorer. Raises BrokenModel and CannotStart."""
    folder = None
    if scorer is None:
        folder = _model_folder(settings)
        check_min_coverage(ModelFolder.read(folder), settings.min_coverage)
        scorer = _scorer(settings, folder)
    authentication = Authentication(
        settings.api_keys or (), settings.rate_limit, settings.run_directory
    )
    readiness = Readiness(lambda: service.scorer, settings.min_coverage)
    service = Service(settings, scorer, authentication, readiness, ROUTES)
    if settings.ledger:
        _open_ledger(service, settings.ledger)
    if settings.reload_seconds and folder:
        watcher = _watcher(service, folder, settings.reload_seconds)
        Thread(target=watcher.run, name="model watcher", daemon=True).start()
    return service


def _open_ledger(service: Service, settings: LedgerSettings) -> None:
    """Raises CannotStart."""
    try:
        from app import decisions
        from ledger.ledger import Ledger

        supervised = service.settings.run_directory is not None  # which delivers the spool
        service.ledger = Ledger(settings, deliver=not supervised)
    except ImportError as error:
        raise CannotStart(
            reason=f"DATABASE_URL needs {error.name}: pip install credit-scoring[ledger,postgres]"
        ) from error
    except InvalidSetting as error:
        raise CannotStart(reason=error) from error
    service.routes = (*ROUTES, *decisions.ROUTES)


def flask_app(service: Service) -> Flask:
    """The routes, the static files and the errors of `service`."""
    app = Flask(
        __package__,
        static_folder="pages/static",
        static_url_path="/static",
        template_folder="pages/templates",
    )
    app.url_map.merge_slashes = False  # a redirect would repeat the Host that the caller sent
    app.config["MAX_CONTENT_LENGTH"] = service.settings.max_bytes
    for route in service.routes:
        endpoint = f"{route.method} {route.path}"
        rule = route.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(rule, endpoint, _view(service, route), methods=[route.method])

    @app.before_request
    def begin() -> None:
        headers = {name.lower(): value for name, value in request.headers}
        query = request.query_string.decode("latin-1")
        parameters = request.view_args or {}
        g.context = Context(
            request.method, request.path, headers, request.remote_addr or "", query, parameters
        )
        path = request.environ["PATH_INFO"]
        if is_head_large(len(path) + len(request.query_string), [*request.headers]):
            raise HeadTooLarge(size=HEAD_BYTES, lines=HEAD_LINES)
        if path.startswith("//"):  # which Werkzeug takes for one slash
            raise NotFound
        if request.url_rule:
            g.context.route = request.url_rule.rule

    @app.after_request
    def end(response: Response) -> Response:
        headers = list(response.headers.items())
        service.finish(g.context, response.status_code, headers)
        for name, value in headers[len(response.headers) :]:
            response.headers.add(name, value)
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        if isinstance(error, RequestEntityTooLarge):
            error = TooLarge(limit=service.settings.max_bytes, unit="bytes")
        if isinstance(error, HTTPException):
            return _response(_http_answer(error, g.context))
        return _response(error_answer(error, g.context))

    return app


def _view(service: Service, route: Route) -> Callable[..., Response]:
    def view(**_: str) -> Response:
        context: Context = g.context
        service.admit(route, context)
        context.body = request.get_data()
        return _response(route.handler(service, context))

    return view


def _response(answer: Answer) -> Response:
    headers = [("Content-Type", answer.content_type), *answer.headers]
    return Response(answer.body, answer.status, headers)


def _http_answer(error: HTTPException, context: Context) -> Answer:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    sentence = SENTENCES.get(status, status.phrase.lower())
    return problem_answer(context, status, sentence, headers=headers)


def _model_folder(settings: Settings) -> Path:
    """The verified copy that the supervisor made, or one of our own."""
    if settings.run_directory:
        return Path(settings.run_directory, CURRENT).resolve()
    directory = Path(tempfile.mkdtemp(prefix="credit-scoring-"))
    state = state_of(settings.model)
    copy = fetched_copy(
        settings.model, directory, settings.manifest == REQUIRED, settings.require_signature
    )
    link_current(copy, directory, state)
    return copy


def _scorer(settings: Settings, folder: Path) -> Scorer:
    if settings.scorer_url is None:
        return InProcess(folder)
    model = ModelFolder.read(folder)
    return Forwarding(settings.scorer_url, model, settings.timeout_seconds, settings.threads)


def _watcher(service: Service, copy: Path, seconds: float) -> Watcher:
    settings = service.settings

    def load(folder: Path) -> None:
        scorer = InProcess(folder)
        check_min_coverage(scorer.model, settings.min_coverage)
        Readiness(lambda: scorer, settings.min_coverage).require()
        before, service.scorer = service.scorer.model.version, scorer
        log_event("model renewed", before=before, after=scorer.model.version)

    return Watcher(
        settings.model,
        copy,
        settings.manifest == REQUIRED,
        seconds,
        load,
        settings.require_signature,
    )
