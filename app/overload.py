"""gunicorn's threaded worker with a limit on what it takes in.

By itself it queues without end: every connection that has something to say waits for a thread.
"""

import errno
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

import orjson
from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from app.errors import STATUS, Overloaded
from app.headers import NOTHING, SECURITY
from app.journal import tell
from app.request_log import HEADER, take_id
from app.service import figures_of, settings_of

REFUSING_THREADS = 4
"""They read a request's head and refuse it, which takes a fraction of a millisecond."""

PROBES = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Answered by the refusing threads too, since none of them waits for the scorer."""

TRANSIENT = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)
REFUSED = STATUS[Overloaded]
BODY_SECONDS = 1.0
"""How long a refused request's body is waited for, so that its connection can be kept."""


class LimitedWorker(ThreadWorker):  # type: ignore[misc]
    """Hands at most MAX_IN_FLIGHT requests to its threads, and refuses the others at once."""

    def load_wsgi(self) -> None:
        super().load_wsgi()
        wsgi.SERVER = "credit-scoring"  # what the Server header says
        self._limit = settings_of(self.wsgi).max_in_flight
        self._in_flight, self._lock = 0, Lock()
        self._refusing = ThreadPoolExecutor(REFUSING_THREADS, "refusing")

    def accept(self, listener: Any) -> None:
        """Waits for the first byte without a thread: a caller who says nothing takes none.

        gunicorn by itself has a thread wait for 5 seconds.
        """
        if not self.alive:
            super().accept(listener)
            return
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno not in TRANSIENT:
                raise
            return
        self.nr_conns += 1
        connection = TConn(self.cfg, sock, address, listener.getsockname())
        connection.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(connection)
        callback = partial(self.on_pending_socket_readable, connection)
        self.poller.register(sock, 1, callback)

    def enqueue_req(self, conn: Any) -> None:
        with self._lock:
            conn.is_taken_in = self._in_flight < self._limit
            self._in_flight += conn.is_taken_in
        if conn.is_taken_in:
            super().enqueue_req(conn)
            return
        future = self._refusing.submit(self.handle, conn)
        future.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def handle(self, conn: Any) -> Any:
        try:
            return super().handle(conn)
        finally:
            with self._lock:
                self._in_flight -= conn.is_taken_in

    def handle_request(self, req: Any, conn: Any) -> Any:
        if conn.is_taken_in or req.path in PROBES:
            return super().handle_request(req, conn)
        return self._refuse(req, conn)

    def _refuse(self, req: Any, conn: Any) -> bool:
        """Answers before the body is read; whoever is slow to send it is hung up on."""
        begun, figures = time.perf_counter(), figures_of(self.wsgi)
        figures.begin()
        request_id = take_id(dict(req.headers).get(HEADER.upper(), ""))
        conn.sock.sendall(_answer(Overloaded(), request_id))
        seconds = time.perf_counter() - begun
        figures.observe_request(None, REFUSED, seconds, 0)
        facts = {"method": req.method, "route": None, "status": int(REFUSED), "rows": None}
        tell("request", request_id=request_id, **facts, ms=round(seconds * 1000, 3), model=None)
        return not req.should_close() and conn.parser.finish_body(
            deadline=time.monotonic() + BODY_SECONDS
        )


def _answer(error: Overloaded, request_id: str) -> bytes:
    body = orjson.dumps({"error": str(error), "details": [], "request_id": request_id})
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", NOTHING),
        ("Cache-Control", "no-store"),
        (HEADER, request_id),
        *SECURITY,
        *error.headers.items(),
    ]
    lines = [f"HTTP/1.1 {REFUSED} {REFUSED.phrase}", *(f"{name}: {text}" for name, text in headers)]
    return "\r\n".join([*lines, "", ""]).encode() + body
