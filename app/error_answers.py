"""Every error as the JSON of the design: a sentence, details, and the request id."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from app.errors import FAILED, STATUS, Details, ServiceError, TooLarge, in_words
from app.request_log import log_failure
from app.service import as_json, service
from scoring_model.errors import InvalidRows

SENTENCES = {
    HTTPStatus.NOT_FOUND: "there is no such route: GET / lists them",
    HTTPStatus.METHOD_NOT_ALLOWED: "this route does not take this method: see Allow",
}
"""For what Flask itself refuses; other statuses say their standard phrase."""


def install(app: Flask) -> None:
    """Answers every error that `app` raises."""
    app.register_error_handler(Exception, _answer)


def _answer(error: Exception) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return _answer(TooLarge(service().settings.max_bytes))
    if isinstance(error, HTTPException):
        return _refused(error)
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log_failure(error)
        return _body(status, FAILED)
    if isinstance(error, InvalidRows):
        return _body(status, in_words(error.details), error.details)
    if isinstance(error, ServiceError):
        return _body(status, str(error), error.details, error.headers)
    return _body(status, status.phrase.lower())


def _refused(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    return _body(status, SENTENCES.get(status, status.phrase.lower()), headers=headers)


def _body(
    status: HTTPStatus,
    sentence: str,
    details: Details | None = None,
    headers: Mapping[str, str] = {},
) -> Response:
    response = as_json(
        {"error": sentence, "details": details or [], "request_id": g.request_id}, status
    )
    response.headers.update(headers or {})
    return response
