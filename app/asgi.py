"""The ASGI application: what the server calls for each request.

It reads the body within its limits of size and time, answers the routes of the table directly, in
the event loop or in a thread, and leaves everything else to the Flask application.
"""

import asyncio
import gc
import os
import re
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from a2wsgi import WSGIMiddleware

from app import metrics
from app.auth import is_loopback
from app.context import Answer, Context
from app.errors import (
    FAILED_FILE,
    FATAL,
    MISCONFIGURED,
    BodyTimeout,
    HeadTooLarge,
    IncompleteBody,
    Overloaded,
    ScorerTimeout,
    TooLarge,
)
from app.flask_app import create_service, flask_app
from app.log import log_event, print_line
from app.requests import HEAD_BYTES, HEAD_LINES, is_head_large
from app.responses import error_answer
from app.service import Route, Service
from app.settings import Settings

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODIES_HELD = 8
"""All bodies together take at most the memory of so many of the largest size."""

INLINE_BYTES, INLINE_OBJECTS = 32 * 1024, 12
"""A body up to this size, with up to so many objects, is scored in the event loop: that takes a
millisecond or two, and a thread would add a tenth of one."""

CHUNK = 64 * 1024
"""Bytes of an answer that are sent at a time, each within the time limit."""

FLASK_THREADS = 4
SWITCH_SECONDS = 0.001
"""After so long a scoring thread lets the event loop run, which answers probes meanwhile."""

HEARTBEAT_SECONDS = 1.0

_NO_BODY = {"type": "http.request", "body": b"", "more_body": False}
_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})


class Application:
    """ASGI 3. One instance a worker process."""

    def __init__(self, service: Service) -> None:
        self._service, self._settings = service, service.settings
        self._flask: Any = WSGIMiddleware(cast(Any, flask_app(service)), workers=FLASK_THREADS)
        self._threads = ThreadPoolExecutor(self._settings.threads, "scoring")
        self._in_flight = self._held = 0
        direct = [route for route in service.routes if not route.page]
        self._routes = {(route.method, route.path): route for route in direct}
        self._patterns = [(_pattern(r.path), r) for r in direct if "{" in r.path]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        route, parameters = self._find(scope["method"], scope["path"])
        metrics.IN_FLIGHT.inc()
        try:
            if route is None and not _is_head_large(scope):
                await self._call_flask(scope, send)
            else:
                await self._answer(route, parameters, scope, receive, send)
        finally:
            metrics.IN_FLIGHT.dec()

    def _find(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        """The route of a path, and the parameters that the path holds."""
        route = self._routes.get((method, path))
        if route is None:
            for pattern, template in self._patterns:
                if template.method == method and (found := pattern.fullmatch(path)):
                    return template, found.groupdict()
        return route, {}

    async def _answer(
        self,
        route: Route | None,
        parameters: Mapping[str, str],
        scope: Message,
        receive: Receive,
        send: Send,
    ) -> None:
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        peer = (scope.get("client") or ("",))[0]
        query = scope["query_string"].decode("latin-1")
        context = Context(scope["method"], scope["path"], headers, peer, query, parameters)
        try:
            if route is None or _is_head_large(scope):
                raise HeadTooLarge(size=HEAD_BYTES, lines=HEAD_LINES)
            if route.method == "POST":
                answer = await self._post(route, context, receive)
            else:
                self._service.admit(route, context)
                answer = await self._run(route, context)
        except Exception as error:
            answer = error_answer(error, context)
        self._service.finish(context, answer.status, answer.headers)
        await self._send(send, answer)

    async def _post(self, route: Route, context: Context, receive: Receive) -> Answer:
        """Checks the key, the length and the number of requests before the body is read."""
        self._service.admit(route, context)
        if self._in_flight >= self._settings.max_in_flight:
            raise Overloaded
        parts: list[bytes] = []
        try:
            try:
                async with asyncio.timeout(self._settings.body_seconds):
                    await self._read(receive, parts)
            except TimeoutError as error:
                raise BodyTimeout(seconds=self._settings.body_seconds) from error
            context.body = parts[0] if len(parts) == 1 else b"".join(parts)
            if self._in_flight >= self._settings.max_in_flight:
                raise Overloaded
            self._in_flight += 1
            try:
                return await self._run(route, context)
            finally:
                self._in_flight -= 1
        finally:
            self._held -= sum(map(len, parts))

    async def _read(self, receive: Receive, parts: list[bytes]) -> None:
        """Appends the body to `parts`; their bytes count as held until the request is answered."""
        more, size, limit = True, 0, self._settings.max_bytes
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise IncompleteBody
            part = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(part)
            if size > limit:
                raise TooLarge(limit=limit, unit="bytes")
            if self._held + len(part) > BODIES_HELD * limit:
                raise Overloaded
            self._held += len(part)
            parts.append(part)

    async def _run(self, route: Route, context: Context) -> Answer:
        if not route.blocking or (route.inline and self._is_small(context.body)):
            return route.handler(self._service, context)
        loop, seconds = asyncio.get_running_loop(), self._settings.timeout_seconds
        work = loop.run_in_executor(self._threads, route.handler, self._service, context)
        try:
            return await asyncio.wait_for(work, seconds)
        except TimeoutError as error:
            raise ScorerTimeout(seconds=seconds) from error

    def _is_small(self, body: bytes) -> bool:
        return (
            self._settings.scorer_url is None
            and not self._service.keeping_waits
            and len(body) <= INLINE_BYTES
            and body.count(b"{") <= INLINE_OBJECTS
        )

    async def _send(self, send: Send, answer: Answer) -> None:
        """A caller who stops reading is disconnected after the time limit."""
        headers = [("Content-Type", answer.content_type), *answer.headers]
        headers.append(("Content-Length", str(len(answer.body))))
        encoded = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers]
        status = int(answer.status)
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        body, start = answer.body, 0
        while len(body) - start > CHUNK:
            part = {"type": "http.response.body", "body": body[start : start + CHUNK]}
            await asyncio.wait_for(send(part | {"more_body": True}), self._settings.body_seconds)
            start += CHUNK
        await send({"type": "http.response.body", "body": body[start:] if start else body})

    async def _call_flask(self, scope: Message, send: Send) -> None:
        """Pages, static files, and what is no route: none of them takes a body, so none is read."""
        headers = [pair for pair in scope["headers"] if pair[0] not in _BODY_HEADERS]

        async def receive() -> Message:
            return _NO_BODY

        await self._flask(scope | {"headers": headers}, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        beat: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown" and self._service.ledger:
                self._service.ledger.close()
            if message["type"] == "lifespan.startup" and self._settings.run_directory:
                beat = asyncio.create_task(_beat(Path(self._settings.run_directory)))
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                if beat:
                    beat.cancel()
                return


async def _beat(directory: Path) -> None:
    """Touches a file named after this process, from which the supervisor sees that it is alive."""
    file = directory / f"worker-{os.getpid()}"
    while True:
        file.touch()
        await asyncio.sleep(HEARTBEAT_SECONDS)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))


def _is_head_large(scope: Message) -> bool:
    return is_head_large(len(scope["path"]) + len(scope["query_string"]), scope["headers"])


def create_application() -> Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]:
    """What the server loads in each worker process; ends it with exit code 2, after one line, for
    a setting or a model that cannot be used."""
    try:
        settings = Settings.from_environ()
        metrics.forget_dead_workers()
        application = Application(create_service(settings))
        if not settings.api_keys and not is_loopback(settings.host):
            log_event("no api keys", host=settings.host, meaning="every caller may score")
    except FATAL as error:
        print_line(error)
        if directory := os.environ.get("RUN_DIRECTORY"):
            Path(directory, FAILED_FILE).touch()
        sys.exit(MISCONFIGURED)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    return application
