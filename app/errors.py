"""What can go wrong between a request and its answer, and the HTTP status of each."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from scoring_model.errors import MAX_NAMED, BrokenModel, InvalidRows, Problem

Details = list[dict[str, Any]]

RETRY_SECONDS = 2
"""What a client is told to wait while the scoring server starts."""


class ServiceError(Exception):
    """Root of this package's errors. Its text is one sentence without any client's data."""

    details: Details = []  # noqa: RUF012 # never written to
    headers: Mapping[str, str] = {}


class NotJson(ServiceError):
    """The body is no JSON, or JSON that cannot be carried on."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the body is not valid JSON: {why}")


class NotHttp(ServiceError):
    """What came is no request at all."""

    def __init__(self) -> None:
        super().__init__("the request is not valid HTTP")


class NoClients(ServiceError):
    """The body is JSON, but holds no clients."""

    def __init__(self, why: str) -> None:
        super().__init__(f'the body must be {{"data": [client, ...]}} or {{"data": client}}: {why}')


class InvalidClients(ServiceError):
    """Rows that are no clients, or whose ids cannot be told apart."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.details = [problem.detail() for problem in problems[:MAX_NAMED]]
        super().__init__(in_words(self.details))


class UnsupportedType(ServiceError):
    """The body comes in a content type that this route does not read."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"the content type must be {' or '.join(allowed)}, in UTF-8")


class TooLarge(ServiceError):
    """The body has more bytes than the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than the limit of {limit} bytes")


class TooManyRows(ServiceError):
    """The body has more clients than the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body holds more clients than the limit of {limit} rows")


class TooManyColumns(ServiceError):
    """The body has more columns, known or not, than anyone needs."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body holds more than {limit} columns")


class TooManyParts(ServiceError):
    """The body is made of more objects and lists than its rows can account for."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body holds more than {limit} objects and lists")


class UnpacksTooLarge(ServiceError):
    """The body is small, what is packed in it is not."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body unpacks to more than {limit} bytes")


class Compressed(ServiceError):
    """The body comes with a Content-Encoding."""

    def __init__(self) -> None:
        super().__init__("the body must not be compressed: send it without a Content-Encoding")


class UnreadableInput(ServiceError):
    """The scoring server could make nothing of the input as a whole."""

    def __init__(self) -> None:
        super().__init__(
            "the input cannot be read: send JSON with one of inputs, instances,"
            " dataframe_records or dataframe_split, or CSV or Parquet with a header"
        )


class InvalidParams(ServiceError):
    """The `params` of a body in MLflow's protocol are not what the model takes."""

    def __init__(self) -> None:
        super().__init__(
            "params must be an object: threshold and min_coverage are numbers from 0 to 1,"
            " reasons is a whole number, 0 or more, checks is true or false"
        )


class NoParquet(ServiceError):
    """Parquet was sent, and what reads it is missing where the model runs."""

    def __init__(self) -> None:
        super().__init__(
            "this service cannot read Parquet, for pyarrow is not installed where the model runs:"
            " send the table as JSON or CSV"
        )


class BodyTimeout(ServiceError):
    """The caller took longer than the limit to send the body."""

    def __init__(self, limit: float) -> None:
        super().__init__(f"the body took longer than the limit of {limit:g} seconds to arrive")


class Unauthorized(ServiceError):
    """No key, or one that is not known: which of the two is not told."""

    headers = {"WWW-Authenticate": 'Bearer realm="credit-scoring"'}  # noqa: RUF012 # never written to

    def __init__(self) -> None:
        super().__init__("this route needs an API key, as Authorization: Bearer or X-API-Key")


class RateExceeded(ServiceError):
    """The key has asked more often than it may."""

    def __init__(self, seconds: int) -> None:
        self.headers = {"Retry-After": str(seconds)}
        super().__init__("this key has reached its rate limit: ask again later")


class Overloaded(ServiceError):
    """More requests are being answered than the limit allows."""

    headers = {"Retry-After": str(RETRY_SECONDS)}  # noqa: RUF012 # never written to

    def __init__(self) -> None:
        super().__init__("too many requests are being answered at once: try again shortly")


class NotReady(ServiceError):
    """The scorer does not give the score that it should."""

    headers = {"Retry-After": str(RETRY_SECONDS)}  # noqa: RUF012 # never written to

    def __init__(self) -> None:
        super().__init__("the scorer does not give the expected score of the input example")


class ScorerUnavailable(ServiceError):
    """There is no scoring server to answer, for now."""

    headers = {"Retry-After": str(RETRY_SECONDS)}  # noqa: RUF012 # never written to

    def __init__(self) -> None:
        super().__init__("the scoring server is not up yet, or restarting: try again shortly")


class ScorerTimeout(ServiceError):
    """The scoring server took longer than the limit."""

    def __init__(self, limit: float) -> None:
        super().__init__(f"scoring took longer than the limit of {limit:g} seconds")


class ScorerFailed(ServiceError):
    """The scoring server broke down over this request."""

    def __init__(self) -> None:
        super().__init__(FAILED)


class InvalidSetting(ServiceError):
    """An environment variable that cannot be used; a value of None is not to be told."""

    def __init__(self, name: str, expected: str, value: str | None = None) -> None:
        told = "" if value is None else f", not {value!r}"
        super().__init__(f"{name} must be {expected}{told}")


class CannotStart(ServiceError):
    """What the service needs in order to start is not there."""


FAILED = "the service failed to answer; the log names the cause under this request id"

STATUS: Mapping[type[Exception], HTTPStatus] = {
    NotJson: HTTPStatus.BAD_REQUEST,
    NotHttp: HTTPStatus.BAD_REQUEST,
    NoClients: HTTPStatus.BAD_REQUEST,
    InvalidClients: HTTPStatus.BAD_REQUEST,
    UnreadableInput: HTTPStatus.BAD_REQUEST,
    InvalidParams: HTTPStatus.BAD_REQUEST,
    NoParquet: HTTPStatus.BAD_REQUEST,
    InvalidRows: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnsupportedType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyRows: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyTimeout: HTTPStatus.REQUEST_TIMEOUT,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyColumns: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyParts: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnpacksTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Compressed: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    RateExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    ScorerUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ScorerTimeout: HTTPStatus.GATEWAY_TIMEOUT,
    ScorerFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The one table from error class to status; any other error is a 500."""

FATAL = (InvalidSetting, CannotStart, BrokenModel)
"""What the operator has to put right: one line on stderr and exit code 2."""


def in_words(details: Details) -> str:
    """The first detail as a sentence, and how many more there are."""
    first, more = details[0], len(details) - 1
    column = f", column {first['column']}" if "column" in first else ""
    others = f" (and {more} more, see details)" if more else ""
    return f"row {first['row']}{column}: expected {first['expected']}{others}"
