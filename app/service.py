"""What every route needs, hung on the Flask application."""

from dataclasses import dataclass
from typing import cast

import orjson
from flask import Flask, Response, current_app

from app.model_folder import ModelFolder
from app.scorer import Scorer
from app.settings import Settings

JSON = "application/json"
_KEY = "credit-scoring"


@dataclass(frozen=True)
class Service:
    """The settings, the model as far as its plain files tell, and who scores."""

    settings: Settings
    model: ModelFolder
    scorer: Scorer


def install(app: Flask, service: Service) -> None:
    """Makes `service` the one of `app`."""
    app.extensions[_KEY] = service


def service() -> Service:
    """The service of the application that handles the current request."""
    return cast(Service, current_app.extensions[_KEY])


def as_json(body: object, status: int = 200) -> Response:
    """UTF-8 without escapes."""
    return Response(orjson.dumps(body), status, mimetype=JSON)
