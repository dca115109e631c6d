"""gunicorn's threaded worker, with three habits of our own."""

import select
import time
from typing import Any

import orjson
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from app.journal import tell
from app.overload import LimitedWorker
from app.request_log import HEADER, make_id
from app.service import watch

NOT_HTTP = "the request is not valid HTTP"

LAST_CALL_SECONDS = 0.5
"""How long a worker that stops goes on taking connections: the supervisor and gunicorn's master
hold the listening socket too, and where a platform signals all processes at once, they may let go
of it after the worker. Whoever connects in between would wait for nobody, and be cut off."""


class Worker(LimitedWorker):
    """Stops without losing a request, and refuses what is not HTTP in the service's own form."""

    def load_wsgi(self) -> None:
        """In the worker's own process: threads do not survive a fork."""
        super().load_wsgi()
        watch(self.wsgi)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """On SIGTERM: takes the last connections, then hangs up on the idle ones.

        gunicorn by itself drops the first and waits for the second until its grace is over.
        """
        if self.alive:
            super().handle_exit(sig, frame)
            self.method_queue.defer(self._wind_down)

    def _wind_down(self) -> None:
        self.set_accept_enabled(False)
        deadline = time.monotonic() + LAST_CALL_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            self._accept_waiting(left)
        self._accept_waiting(0)
        for listener in self.sockets:
            listener.close()
        for idle in (self.keepalived_conns, self.pending_conns):
            for connection in [c for c in idle if not _readable(c.sock)]:
                idle.remove(connection)
                self.poller.unregister(connection.sock)
                self.nr_conns -= 1
                connection.close()

    def _accept_waiting(self, seconds: float) -> None:
        for listener in self.sockets:
            while _readable(listener, seconds):
                self.accept(listener)
                seconds = 0

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answers a request that could not be read far enough to reach the application."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        request_id = make_id()
        body = orjson.dumps({"error": NOT_HTTP, "details": [], "request_id": request_id})
        tell("not http", request_id=request_id, status=400)
        head = (
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"{HEADER}: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        client.sendall(head.encode() + body)


def _readable(sock: Any, seconds: float = 0) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
