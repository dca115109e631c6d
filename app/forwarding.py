"""Scores by asking an MLflow scoring server over HTTP, through TCP or a Unix socket."""

import socket
from collections.abc import Mapping, Sequence
from itertools import islice
from types import NoneType
from typing import Any

import orjson
import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError

from app.context import JSON
from app.errors import ScorerFailed, ScorerTimeout, ScorerUnavailable, UnreadableInput
from app.model_folder import ModelFolder
from app.requests import NESTED, Record, Table
from app.scorer import Rows, rows_of

UNIX = "unix://"
CONNECT_SECONDS = 2.0

FEW_ROWS = 8
"""MLflow parses up to about this many clients faster as records, more of them as columns."""

UNKNOWN_COLUMNS = 20
"""Columns that the model does not know and that are sent all the same, because the model warns of
misspelled ones."""


class Forwarding:
    """Keeps up to `connections` connections open to the server at `url`, which serves `model`."""

    def __init__(
        self, url: str, model: ModelFolder, timeout_seconds: float, connections: int
    ) -> None:
        self.model = model
        self._names = [model.id, *model.columns]
        self._known = frozenset(self._names)
        self._timeout_seconds = timeout_seconds
        options: dict[str, Any] = {
            "maxsize": connections,
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout_seconds),
            "retries": False,
        }
        self._pool = (
            UnixConnectionPool("localhost", path=url.removeprefix(UNIX), **options)
            if url.startswith(UNIX)
            else urllib3.connection_from_url(url, **options)
        )

    def score(self, table: Table, params: Mapping[str, Any]) -> Rows:
        content = {"inputs": self._compact(table), "params": params}
        body = orjson.dumps(content)
        response = self._ask("POST", "/invocations", body, {"Content-Type": JSON})
        try:
            predictions: Rows = orjson.loads(response)["predictions"]
        except (ValueError, KeyError, TypeError) as error:
            raise ScorerFailed from error
        return rows_of(predictions)

    def ping(self) -> None:
        self._ask("GET", "/ping")

    def mlflow_version(self) -> str:
        return self._ask("GET", "/version").decode()

    def _compact(self, table: Table) -> Table:
        """The form that MLflow parses fastest, without what the model ignores."""
        if isinstance(table, list) and len(table) <= FEW_ROWS:
            return [self._known_values(record) for record in table]
        if isinstance(table, list):
            names = self._sent(set().union(*table))
            columns = {name: [record.get(name) for record in table] for name in names}
        else:
            columns = {name: table[name] for name in self._sent(table)}
        if all(map(_is_uniform, columns.values())):
            return columns
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _known_values(self, record: Record) -> Record:
        if len(record) <= len(self._known):
            return record
        return {name: record[name] for name in self._sent(record)}

    def _sent(self, present: Any) -> Sequence[str]:
        known = [name for name in self._names if name in present]
        unknown = (name for name in present if name not in self._known)
        return [*known, *islice(unknown, UNKNOWN_COLUMNS)]

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: Any = None) -> bytes:
        response = self._send(method, path, body, headers)
        if response.status == 200:
            return response.data
        if response.status == 504:
            raise ScorerTimeout(seconds=self._timeout_seconds)
        raise UnreadableInput if response.status < 500 else ScorerFailed

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Any, attempts: int = 2
    ) -> urllib3.BaseHTTPResponse:
        """Tries again when a kept connection turns out to be closed: scoring changes nothing."""
        try:
            return self._pool.urlopen(method, path, body=body, headers=headers)
        except ReadTimeoutError as error:
            raise ScorerTimeout(seconds=self._timeout_seconds) from error
        except ProtocolError as error:
            if attempts > 1:
                return self._send(method, path, body, headers, attempts - 1)
            raise ScorerUnavailable from error
        except HTTPError as error:
            raise ScorerUnavailable from error


class UnixConnection(HTTPConnection):
    """An HTTP connection through the Unix socket at `path`."""

    def __init__(self, *args: Any, path: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(CONNECT_SECONDS)
        try:
            self.sock.connect(self._path)
        except OSError as error:
            self.close()
            raise NewConnectionError(self, str(error)) from error


class UnixConnectionPool(urllib3.HTTPConnectionPool):
    """`UnixConnectionPool("localhost", path="/path/of/socket")`."""

    ConnectionCls = UnixConnection


def _is_uniform(values: Sequence[Any]) -> bool:
    """Whether the values survive in a numpy array, which MLflow makes of each column: one kind of
    plain values, which may be missing."""
    kinds = set(map(type, values)) - {NoneType}
    return kinds == {int, float} or (len(kinds) <= 1 and NESTED.isdisjoint(kinds))
