"""One request, as far as the log, the figures and the headers of its answer care."""

import re
import time
from random import getrandbits
from typing import Any, cast

from flask import request

from app.scorer import Scorer

HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"[!-~]{1,64}")
_KEY = "credit_scoring.exchange"


class Exchange:
    """What becomes known of a request on its way; `route`, `rows`, `key` (the name of an API key)
    and `scorer` are None until they are."""

    __slots__ = ("begun", "id", "key", "route", "rows", "scorer")

    def __init__(self, environ: dict[str, Any]) -> None:
        self.begun = time.perf_counter()
        sent = environ.get("HTTP_X_REQUEST_ID", "")
        self.id = sent if _ACCEPTABLE.fullmatch(sent) else make_id()
        self.route: str | None = None
        self.rows: int | None = None
        self.key: str | None = None
        self.scorer: Scorer | None = None
        environ[_KEY] = self


def make_id() -> str:
    """For a request that brings none. It has to differ, not to be hard to guess."""
    return f"{getrandbits(64):016x}"


def exchange() -> Exchange:
    """That of the request which Flask handles now."""
    return cast(Exchange, request.environ[_KEY])
