"""What every route needs, hung on the Flask application; the scorer, for as long as a request."""

from dataclasses import dataclass
from typing import cast

import orjson
from flask import Flask, Response, current_app, g

from app.health import Readiness
from app.metrics import Figures
from app.model_folder import ModelFolder
from app.scorer import Champion, Scorer
from app.settings import Settings

JSON = "application/json"
VERSION_HEADER = "X-Model-Version"
_KEY = "credit-scoring"


@dataclass(frozen=True)
class Service:
    """The settings, who scores, what is counted, and whether the scorer is fit."""

    settings: Settings
    champion: Champion
    figures: Figures
    readiness: Readiness

    @property
    def scorer(self) -> Scorer:
        """One and the same for all of a request."""
        if "scorer" not in g:
            g.scorer = self.champion.scorer
        return cast(Scorer, g.scorer)

    @property
    def model(self) -> ModelFolder:
        """The plain facts of the model that scores this request."""
        return self.scorer.model


def install(app: Flask, service: Service) -> None:
    """Makes `service` the one of `app`, and starts no thread yet: see `watch`."""
    app.extensions[_KEY] = service
    app.after_request(name_version)


def watch(app: Flask) -> None:
    """Looks for new versions of the model from now on, if set up so, and whether the scorer is fit;
    counts in a slot of its own: once in every process."""
    service = cast(Service, app.extensions[_KEY])
    service.figures.claim()
    service.champion.watch()
    service.readiness.watch()


def settings_of(app: Flask) -> Settings:
    """The settings that `app` was made with."""
    return cast(Service, app.extensions[_KEY]).settings


def service() -> Service:
    """The service of the application that handles the current request."""
    return cast(Service, current_app.extensions[_KEY])


def name_version(response: Response) -> Response:
    """Tells the caller which model answered, where one did."""
    if "scorer" in g:
        response.headers[VERSION_HEADER] = g.scorer.model.version
    return response


def as_json(body: object, status: int = 200) -> Response:
    """UTF-8 without escapes."""
    return Response(orjson.dumps(body), status, mimetype=JSON)
