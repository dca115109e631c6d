"""From the event loop that reads and writes sockets to the Flask application, and back.

One thread reads requests and writes answers, so that a slow caller costs a socket and nothing else.
What needs no more than the processor and little of it runs in that thread too: handing a request
to another thread takes about as long as scoring a client. What may wait for something, or compute
for long, runs in one of a few threads.
"""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.errors import BodyTimeout, Overloaded, ServiceError
from app.predictions import IN_WORDS
from app.settings import Settings

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
Receive = Callable[[], Any]

REFUSED = "credit_scoring.refused"
"""Under this name of a request's environ stands the error that it is to be answered with."""

SMALL_BYTES = 64 * 1024
"""A body up to this size is scored within a few milliseconds."""

WAITING = frozenset({"/invocations", "/ping", "/health", "/version"})
"""Routes that may wait for a scoring server, or compute for long."""

SCORING = frozenset(IN_WORDS)
"""Routes that wait for a scoring server unless the scorer is in this process."""

DISCARD_BYTES = 64 * 1024 * 1024
DISCARD_SECONDS = 5.0
"""How much of a body beyond the limit is read, and for how long: a caller who is still sending
would find the connection reset, and never read the answer."""


class HungUp(Exception):
    """The caller is gone."""


class Bridge:
    """An ASGI application for a WSGI one. To be made and called inside an event loop."""

    def __init__(self, wsgi: Wsgi, settings: Settings) -> None:
        self._wsgi = wsgi
        self._max_bytes = settings.max_bytes
        self._max_in_flight = settings.max_in_flight
        self._body_seconds = settings.body_seconds
        self._waiting = WAITING if settings.in_process else WAITING | SCORING
        self._threads = ThreadPoolExecutor(settings.threads, "request")
        self._in_flight = 0
        self.closing = False
        """Whether callers are to hang up after their next answer."""

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Any) -> None:
        is_last = self.closing
        try:
            body = await self._read(receive)
            is_last |= len(body) > self._max_bytes
            status, headers, answer = await self._answer(environ_of(scope, body), body)
        except HungUp:
            return
        except BodyTimeout as error:
            is_last = True
            status, headers, answer = self._refuse(environ_of(scope, b""), error)
        if is_last or self.closing:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _read(self, receive: Receive) -> bytes:
        """The whole body, or one byte more than is allowed. Raises HungUp and BodyTimeout."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        if not message["more_body"]:
            body: bytes = message["body"]
            return body[: self._max_bytes + 1]
        try:
            async with asyncio.timeout(self._body_seconds):
                return await self._read_on(receive, bytearray(message["body"]))
        except TimeoutError as error:
            raise BodyTimeout(self._body_seconds) from error

    async def _read_on(self, receive: Receive, body: bytearray) -> bytes:
        while len(body) <= self._max_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise HungUp
            body += message["body"]
            if not message["more_body"]:
                return bytes(body[: self._max_bytes + 1])
        await self._discard(receive)
        return bytes(body[: self._max_bytes + 1])

    async def _discard(self, receive: Receive) -> None:
        left = DISCARD_BYTES
        try:
            async with asyncio.timeout(DISCARD_SECONDS):
                while left > 0:
                    message = await receive()
                    if message["type"] == "http.disconnect" or not message["more_body"]:
                        return
                    left -= len(message["body"])
        except TimeoutError:
            return

    async def _answer(self, environ: Environ, body: bytes) -> Answer:
        if environ["PATH_INFO"] not in self._waiting and len(body) <= SMALL_BYTES:
            return self._call(environ)
        if self._in_flight >= self._max_in_flight:
            return self._refuse(environ, Overloaded())
        self._in_flight += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._call, environ)
        finally:
            self._in_flight -= 1

    def _refuse(self, environ: Environ, error: ServiceError) -> Answer:
        """The error in the form, and with the log line, of every other."""
        return self._call({**environ, "wsgi.input": io.BytesIO(), REFUSED: error})

    def _call(self, environ: Environ) -> Answer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            started[:] = status, headers

        chunks = self._wsgi(environ, start_response)
        try:
            answer = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = started
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return int(status[:3]), raw, answer


def environ_of(scope: Mapping[str, Any], body: bytes) -> Environ:
    """What PEP 3333 calls the environment of a request, whose `body` is complete."""
    host, port = scope["server"] or ("", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        if b"_" in raw:  # it would pass for the name with a dash
            continue
        name = "HTTP_" + raw.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        environ[name] = f"{environ[name]},{text}" if name in environ else text
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # read already
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    if (content_type := environ.pop("HTTP_CONTENT_TYPE", None)) is not None:
        environ["CONTENT_TYPE"] = content_type
    return environ
