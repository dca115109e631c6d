"""One request and its answer, as every route sees them."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from random import getrandbits

from app.auth import Key

JSON = "application/json"
REQUEST_ID = "X-Request-ID"
_ACCEPTABLE_ID = re.compile(r"[!-~]{1,64}")


@dataclass(slots=True)
class Context:
    """A request, and what becomes known of it for the log, the metrics and the headers.

    `headers` have names in lower case. `parameters` are those of the path, `query` is what follows
    the question mark. `route`, `rows`, `key` and `model_version` are None until they are known;
    `key` stays None where there are no API keys. `started` is
    `time.perf_counter()` at the arrival of the head.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    peer: str = ""
    query: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    route: str | None = None
    rows: int | None = None
    key: Key | None = None
    model_version: str | None = None
    started: float = field(default_factory=time.perf_counter)
    request_id: str = ""

    def __post_init__(self) -> None:
        sent = self.headers.get("x-request-id", "")
        self.request_id = sent if _ACCEPTABLE_ID.fullmatch(sent) else f"{getrandbits(64):016x}"

    @property
    def is_trial(self) -> bool:
        """Whether the request only asks what if, as the page does: no decision is kept of it."""
        return self.headers.get("x-trial", "").lower() == "true"

    @property
    def content_type(self) -> str:
        """Media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(slots=True)
class Answer:
    """What a route gives back."""

    body: bytes
    status: int = HTTPStatus.OK
    content_type: str = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
