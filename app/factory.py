"""Puts the shim together."""

from pathlib import Path

from flask import Flask

from app import error_answers, headers, request_log
from app.access import check
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
    readiness = Readiness(champion, Path(settings.model))
    install_service(app, Service(settings, champion, figures, readiness))
    request_log.install(app)
    error_answers.install(app)
    app.register_blueprint(api)
    app.register_blueprint(operations)
    check.install(app, settings)
    headers.install(app, settings)
    return app
