"""Scores by asking an MLflow scoring server over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import urllib3
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from app.errors import ScorerFailed, ScorerTimeout, ScorerUnavailable
from app.model_folder import ModelFolder
from app.scorer.protocol import Reply, Score
from app.scorer.refusal import refusal

JSON = "application/json"
CONNECT_SECONDS = 2.0


class Forwarding:
    """Keeps connections open to the server at `url`, up to one a thread.

    `model` describes the model that it serves, `params` go with every client that the shim asks
    about.
    """

    def __init__(
        self,
        url: str,
        model: ModelFolder,
        timeout_seconds: float,
        connections: int,
        params: Mapping[str, Any] = {},
    ) -> None:
        self.model = model
        self._known = frozenset((model.id, *model.columns))
        self._params = {"params": params} if params else {}
        self._timeout_seconds = timeout_seconds
        self._pool = urllib3.connection_from_url(
            url,
            maxsize=connections,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout_seconds),
            retries=False,
        )

    def score(self, records: Sequence[dict[str, Any]]) -> list[Score]:
        known = [self._without_unknown(record) for record in records]
        reply = self.invoke(orjson.dumps({"inputs": known, **self._params}), JSON)
        return [Score.of(row) for row in orjson.loads(reply.body)["predictions"]]

    def _without_unknown(self, record: dict[str, Any]) -> dict[str, Any]:
        """MLflow handles every value in turn, also what the model then ignores."""
        if len(record) <= len(self._known):
            return record
        return {name: value for name, value in record.items() if name in self._known}

    def invoke(self, body: bytes, content_type: str) -> Reply:
        return self._ask("POST", "/invocations", body, {"Content-Type": content_type})

    def ping(self) -> Reply:
        return self._ask("GET", "/ping")

    def version(self) -> Reply:
        return self._ask("GET", "/version")

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: Any = None) -> Reply:
        response = self._send(method, path, body, headers)
        if response.status == 200:
            return Reply(response.headers.get("Content-Type", JSON), response.data)
        if response.status == 504:
            raise ScorerTimeout(self._timeout_seconds)
        raise refusal(response.status, _message(response.data))

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Any, attempts: int = 2
    ) -> urllib3.BaseHTTPResponse:
        """Asks once more when a kept connection turns out to be closed: scoring changes nothing."""
        try:
            return self._pool.urlopen(method, path, body=body, headers=headers)
        except ReadTimeoutError as error:
            raise ScorerTimeout(self._timeout_seconds) from error
        except ProtocolError as error:
            if attempts > 1:
                return self._send(method, path, body, headers, attempts - 1)
            raise ScorerUnavailable from error
        except HTTPError as error:
            raise ScorerUnavailable from error


def _message(body: bytes) -> str:
    """What the model said stands in the traceback, if there is one, and else in the message."""
    try:
        told = orjson.loads(body)
        return str(told.get("stack_trace") or told["message"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ScorerFailed from error
