"""One id a request, returned in its answer, and one JSON line about it on stderr.

A line holds no path, query, header or body that a caller sent: any of them may name a client.
"""

import re
import time
import traceback
from pathlib import Path
from secrets import token_hex

from flask import Flask, Response, g, request

from app.journal import tell
from app.service import service

HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"[!-~]{1,64}")


def install(app: Flask) -> None:
    """Logs every request that `app` handles."""
    app.before_request(_begin)
    app.after_request(_end)


def make_id() -> str:
    """For a request that brings none."""
    return token_hex(8)


def take_id(sent: str) -> str:
    """The id that a request brings, if it can be one."""
    return sent if _ACCEPTABLE.fullmatch(sent) else make_id()


def count_rows(rows: int | None) -> None:
    """Notes for the log how many clients the current request holds."""
    g.rows = rows


def log_failure(error: Exception) -> None:
    """What broke and where, without the message, which may quote a client's data."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    tell("failure", request_id=g.request_id, type=type(error).__name__, at=at)


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = take_id(request.headers.get(HEADER, ""))
    g.rows = g.key = None
    service().figures.begin()


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    route = request.url_rule.rule if request.url_rule else None
    seconds = time.perf_counter() - g.started
    service().figures.observe_request(route, response.status_code, seconds, g.rows or 0)
    tell(
        "request",
        request_id=g.request_id,
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 3),
        rows=g.rows,
        model=g.scorer.model.version if "scorer" in g else None,
        **({"key": g.key} if g.key else {}),
    )
    return response
