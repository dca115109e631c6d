"""What every route needs, hung on the Flask application."""

from dataclasses import dataclass
from typing import cast

import orjson
from flask import Flask, Response, current_app

from app.exchange import Exchange, exchange
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

    def scorer_for(self, exchange: Exchange) -> Scorer:
        """One and the same for all of a request."""
        if exchange.scorer is None:
            exchange.scorer = self.champion.scorer
        return exchange.scorer

    @property
    def scorer(self) -> Scorer:
        """That of the request which Flask handles now."""
        return self.scorer_for(exchange())

    @property
    def model(self) -> ModelFolder:
        """The plain facts of the model that scores this request."""
        return self.scorer.model


def install(app: Flask, service: Service) -> None:
    """Makes `service` the one of `app`, and starts no thread yet: see `watch`."""
    app.extensions[_KEY] = service


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


def as_json(body: object, status: int = 200) -> Response:
    """UTF-8 without escapes."""
    return Response(orjson.dumps(body), status, mimetype=JSON)
