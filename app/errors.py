"""What can go wrong between a request and its answer: each error with its status and sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.errors import (
    AlreadyContested,
    AlreadyReviewed,
    DatabaseUnavailable,
    NoLender,
    SpoolFull,
    UnknownDecision,
)
from scoring_model.errors import MAX_NAMED, BrokenModel, InvalidRows, Problem

Details = list[dict[str, Any]]

RETRY_AFTER = {"Retry-After": "2"}
FAILED = "the service failed to answer; the log names the cause under this request id"


class ServiceError(Exception):
    """Root of this package's errors: `sentence` is filled in with the facts that it is given, which
    are never a client's data."""

    status = 500
    sentence = FAILED
    headers: Mapping[str, str] = {}
    details: Details = []  # noqa: RUF012 # never written to

    def __init__(self, **facts: object) -> None:
        super().__init__(self.sentence.format(**facts))


class NotJson(ServiceError):
    status = 400
    sentence = "the body is not valid JSON: {reason}"


class NotCsv(ServiceError):
    status = 400
    sentence = "the body is not valid CSV: {reason}"


class NotParquet(ServiceError):
    status = 400
    sentence = "the body is not a Parquet file that can be read"


class IncompleteBody(ServiceError):
    """The connection was closed, or a chunk is not valid: the server does not say which."""

    status = 400
    sentence = "the body ends before its length, or its chunks are not valid"


class NoClients(ServiceError):
    status = 400
    sentence = 'the body must be {{"data": [client, ...]}} or {{"data": client}}, as JSON: {reason}'


class NoTable(ServiceError):
    status = 400
    sentence = (
        "the body must hold one of inputs, instances, dataframe_records and dataframe_split, as"
        " MLflow defines them: {reason}"
    )


class InvalidClients(ServiceError):
    """Rows that are no clients, or whose ids are missing or repeated."""

    status = 400

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.details = [problem.detail() for problem in problems[:MAX_NAMED]]
        self.sentence = sentence_of(self.details).replace("{", "{{").replace("}", "}}")
        super().__init__()


class InvalidParams(ServiceError):
    status = 400
    sentence = "{reason}"


class UnreadableInput(ServiceError):
    """The model refused the input as a whole."""

    status = 400
    sentence = "the model cannot read this input"


class Unauthorized(ServiceError):
    """No API key, or an unknown one; the answer does not say which."""

    status = 401
    headers = {"WWW-Authenticate": 'Bearer realm="credit-scoring"'}  # noqa: RUF012 # never written to
    sentence = "this route needs an API key, as Authorization: Bearer or X-API-Key"


class InvalidRequest(ServiceError):
    """A query or a body of the routes for decisions."""

    status = 400
    sentence = "{reason}"


class NotFound(ServiceError):
    """No such route, or one that this key may not use."""

    status = 404
    sentence = "there is no such route: GET / lists them"


class NoDecision(ServiceError):
    """No such decision, or one that this key may not see."""

    status = 404
    sentence = "there is no decision with this id"


class AlreadyDone(ServiceError):
    status = 409
    sentence = "this decision is contested already, or reviewed by this author or completely"


class BodyTimeout(ServiceError):
    status = 408
    sentence = "the body took longer than the limit of {seconds:g} seconds to arrive"


class TooLarge(ServiceError):
    status = 413
    sentence = "the body exceeds the limit of {limit} {unit}"


class UnsupportedType(ServiceError):
    status = 415
    sentence = "the content type must be {allowed}, in UTF-8"


class Compressed(ServiceError):
    status = 415
    sentence = "the body must not be compressed: send it without a Content-Encoding"


class NoParquet(ServiceError):
    status = 415
    sentence = "this service reads no Parquet, because pyarrow is not installed: send JSON or CSV"


class RateExceeded(ServiceError):
    status = 429
    sentence = "this key has reached its rate limit: try again after {seconds} seconds"

    def __init__(self, seconds: int) -> None:
        self.headers = {"Retry-After": str(seconds)}
        super().__init__(seconds=seconds)


class HeadTooLarge(ServiceError):
    status = 431
    sentence = "the headers exceed the limit of {size} bytes or {lines} lines"


class ScorerFailed(ServiceError):
    """The scoring server failed over this request."""


class Overloaded(ServiceError):
    status, headers = 503, RETRY_AFTER
    sentence = "too many requests at once: try again shortly"


class NotReady(ServiceError):
    status, headers = 503, RETRY_AFTER
    sentence = "the scorer does not give the expected score of the example"


class ScorerUnavailable(ServiceError):
    status, headers = 503, RETRY_AFTER
    sentence = "the scoring server is not up yet, or restarting: try again shortly"


class LedgerUnavailable(ServiceError):
    status, headers = 503, RETRY_AFTER
    sentence = "decisions cannot be kept or read now: try again shortly"


class NoNotice(ServiceError):
    """Without LENDER_NAME and LENDER_CONTACT."""

    status = 503
    sentence = "there are no notices: LENDER_NAME and LENDER_CONTACT are not set"


class ScorerTimeout(ServiceError):
    status = 504
    sentence = "scoring took longer than the limit of {seconds:g} seconds"


class InvalidSetting(ServiceError):
    """An environment variable that cannot be used. A secret value is passed as None."""

    sentence = "{name} must be {expected}{shown}"

    def __init__(self, name: str, expected: str, value: str | None = None) -> None:
        shown = "" if value is None else f", not {value!r}"
        super().__init__(name=name, expected=expected, shown=shown)


class CannotStart(ServiceError):
    """Something that the service needs to start is missing."""

    sentence = "{reason}"


OF_LEDGER: Mapping[type[Exception], type[ServiceError]] = {
    UnknownDecision: NoDecision,
    AlreadyContested: AlreadyDone,
    AlreadyReviewed: AlreadyDone,
    DatabaseUnavailable: LedgerUnavailable,
    SpoolFull: LedgerUnavailable,
    NoLender: NoNotice,
}
"""The answers to errors of the ledger; the others are failures."""

FATAL = (InvalidSetting, CannotStart, BrokenModel)
"""Errors of the configuration: one line on stderr and exit code 2."""

MISCONFIGURED = 2
FAILED_FILE = "failed"
"""In the run directory: a worker cannot start, and would not the next time."""


def problem_of(error: Exception) -> tuple[int, str, Details, Mapping[str, str]]:
    """Status, sentence, details and headers of the answer to any error."""
    if isinstance(error, InvalidRows):
        return 422, sentence_of(error.details), error.details, {}
    if type(error) in OF_LEDGER:
        error = OF_LEDGER[type(error)]()
    if isinstance(error, ServiceError) and error.status != ServiceError.status:
        return error.status, str(error), error.details, error.headers
    return 500, FAILED, [], {}


def sentence_of(details: Details) -> str:
    """The first detail as a sentence, and the number of the others."""
    first, more = details[0], len(details) - 1
    column = f", column {first['column']}" if "column" in first else ""
    others = f" (and {more} more, see details)" if more else ""
    return f"row {first['row']}{column}: expected {first['expected']}{others}"
