"""Around the Flask application: what happens to every request, whichever route answers it.

Requests for decisions in plain JSON, which is nearly all of them, are answered here, by the
functions that the routes call too: Flask's own way to a route and back takes longer than scoring.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from app.access.check import Gate
from app.bridge import REFUSED
from app.error_answers import answer_to
from app.exchange import HEADER, Exchange
from app.headers import Headers, complete
from app.predictions import IN_WORDS, predictions
from app.request_log import log_request
from app.service import JSON, VERSION_HEADER, Service

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]

PLAIN = frozenset({JSON, f"{JSON}; charset=utf-8", f"{JSON};charset=utf-8"})
"""Content types that are told without parsing; any other is left to Flask."""


class Front:
    """A WSGI application around that of `app`."""

    def __init__(self, app: Flask, service: Service, gate: Gate) -> None:
        self._flask: Wsgi = app.wsgi_app
        self._service = service
        self._gate = gate
        self._origins = service.settings.cors_origins or ()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        exchange = Exchange(environ)
        self._service.figures.begin()

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            self._finish(exchange, environ, int(status[:3]), headers)
            return start_response(status, headers, *rest)

        if self._is_plain(environ):
            return self._answer(exchange, environ, start)
        return self._flask(environ, start)

    def _is_plain(self, environ: Environ) -> bool:
        length = environ.get("CONTENT_LENGTH", "")
        return (
            environ["PATH_INFO"] in IN_WORDS
            and environ["REQUEST_METHOD"] == "POST"
            and environ.get("CONTENT_TYPE") in PLAIN
            and "HTTP_CONTENT_ENCODING" not in environ
            and length.isdecimal()
            and int(length) <= self._service.settings.max_bytes
            and REFUSED not in environ
        )

    def _answer(self, exchange: Exchange, environ: Environ, start: Any) -> Iterable[bytes]:
        exchange.route = environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        try:
            self._gate.admit(exchange, environ)
            status, headers = "200 OK", [("Content-Type", JSON)]
            answer = predictions(self._service, exchange, exchange.route, body)
        except Exception as error:
            status, headers, answer = answer_to(error, exchange.id)
        headers.append(("Content-Length", str(len(answer))))
        start(status, headers)
        return [answer]

    def _finish(self, exchange: Exchange, environ: Environ, status: int, headers: Headers) -> None:
        headers.append((HEADER, exchange.id))
        if exchange.scorer:
            headers.append((VERSION_HEADER, exchange.scorer.model.version))
        complete(headers, environ, self._origins)
        seconds = time.perf_counter() - exchange.begun
        self._service.figures.observe_request(exchange.route, status, seconds, exchange.rows or 0)
        log_request(exchange, environ["REQUEST_METHOD"], status, seconds)
