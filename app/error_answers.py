"""Every error as the JSON of the design: a sentence, details, and the request id."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from app.errors import FAILED, STATUS, Details, ServiceError, TooLarge, in_words
from app.exchange import exchange
from app.headers import Headers
from app.request_log import log_failure
from app.service import JSON, service
from scoring_model.errors import InvalidRows

SENTENCES = {
    HTTPStatus.NOT_FOUND: "there is no such route: GET / lists them",
    HTTPStatus.METHOD_NOT_ALLOWED: "this route does not take this method: see Allow",
}
"""For what Flask itself refuses; other statuses say their standard phrase."""


def install(app: Flask) -> None:
    """Answers every error that `app` raises."""
    app.register_error_handler(Exception, _response)


def answer_to(error: Exception, request_id: str) -> tuple[str, Headers, bytes]:
    """Status line, headers and body. What broke within the service is logged here."""
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log_failure(error, request_id)
        return _in_json(request_id, status, FAILED)
    if isinstance(error, InvalidRows):
        return _in_json(request_id, status, in_words(error.details), error.details)
    if isinstance(error, ServiceError):
        return _in_json(request_id, status, str(error), error.details, error.headers)
    return _in_json(request_id, status, status.phrase.lower())


def _response(error: Exception) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        error = TooLarge(service().settings.max_bytes)
    request_id = exchange().id
    answer = _refused(error, request_id) if isinstance(error, HTTPException) else None
    status, headers, body = answer or answer_to(error, request_id)
    return Response(body, status, headers)


def _refused(error: HTTPException, request_id: str) -> tuple[str, Headers, bytes]:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    sentence = SENTENCES.get(status, status.phrase.lower())
    return _in_json(request_id, status, sentence, headers=headers)


def _in_json(
    request_id: str,
    status: HTTPStatus,
    sentence: str,
    details: Details | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[str, Headers, bytes]:
    body = {"error": sentence, "details": details or [], "request_id": request_id}
    told = [("Content-Type", JSON), *(headers or {}).items()]
    return f"{status.value} {status.phrase}", told, orjson.dumps(body)
