"""Puts the shim together."""

from flask import Flask

from app import error_answers, request_log
from app.routes import api
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
    install_service(app, Service(settings, Champion(scorer) if scorer else choose(settings)))
    request_log.install(app)
    error_answers.install(app)
    app.register_blueprint(api)
    return app
