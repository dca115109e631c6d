"""Puts the shim together."""

from functools import partial
from pathlib import Path

from flask import Flask, request

from app import error_answers
from app.access.check import Gate
from app.exchange import exchange
from app.front import Front
from app.health import Readiness
from app.metrics import Figures
from app.operation_routes import operations
from app.routes import ROUTES, api
from app.scorer import Champion, Scorer, choose
from app.service import Service
from app.service import install as install_service
from app.settings import Settings


def create_app(settings: Settings, scorer: Scorer | None = None) -> Flask:
    """The WSGI application. `scorer` replaces the one that the settings name.

    Raises BrokenModel, InvalidSetting and CannotStart.
    """
    app = Flask(
        __package__,
        static_folder="pages/static",
        static_url_path="/static",
        template_folder="pages/templates",
    )
    # One more than allowed: a body of unknown length is cut off there without an error.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes + 1
    champion = Champion(scorer) if scorer else choose(settings)
    figures = Figures((route["path"] for route in ROUTES), settings.workers)
    readiness = Readiness(champion, Path(settings.model), settings.min_coverage)
    service = Service(settings, champion, figures, readiness)
    install_service(app, service)
    error_answers.install(app)
    app.register_blueprint(api)
    app.register_blueprint(operations)
    gate = Gate(settings)
    app.before_request(partial(_admit, gate))
    app.wsgi_app = Front(app, service, gate)  # type: ignore[method-assign]
    return app


def _admit(gate: Gate) -> None:
    if request.url_rule is not None:  # what is no route is not found, with a key or without
        gate.admit(exchange(), request.environ)
