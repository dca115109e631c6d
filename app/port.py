"""The public port, which answers from the first moment: 503 as long as the service does not."""

import math
import socket
import time
from contextlib import suppress
from threading import Event, Thread

from app.errors import CannotStart

ACCEPT_SECONDS, CLOSING_SECONDS = 0.05, 1.0
STARTING = b'{"error":"the service is starting: try again shortly","details":[],"request_id":""}'


class Port:
    """The public port: bound at once, and answering 503 as long as the service does not.

    The service shares it by SO_REUSEPORT. Raises CannotStart if another program has it, or `host`
    is not an address of this machine.
    """

    def __init__(self, host: str, number: int) -> None:
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._host = host
        try:
            with socket.create_server((host, number), family=self._family) as free:
                self.number: int = free.getsockname()[1]
            self._closing = Event()
            self._thread: Thread | None = None
            self.open()
        except OSError as error:
            reason = error.strerror or "is not an address of this machine"
            raise CannotStart(reason=f"cannot listen on {host} port {number}: {reason}") from error

    def open(self) -> None:
        """Answers from now on."""
        if self._thread is None:
            listener = socket.create_server(
                (self._host, self.number), family=self._family, backlog=1024, reuse_port=True
            )
            self._closing.clear()
            self._thread = Thread(target=self._answer, args=(listener,), daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Leaves the port to the service, once the connections that wait have been answered."""
        if self._thread is not None:
            self._closing.set()
            self._thread.join()
            self._thread = None

    def _answer(self, listener: socket.socket) -> None:
        """Closing a listener resets the connections that it has not accepted."""
        listener.settimeout(ACCEPT_SECONDS)
        closed_at = math.inf
        with listener:
            while time.monotonic() < closed_at:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    if self._closing.is_set():
                        return
                    continue
                except OSError:  # too many open files, or the caller has gone
                    time.sleep(ACCEPT_SECONDS)
                    continue
                with suppress(OSError), connection:
                    connection.settimeout(0.2)
                    connection.recv(65536)
                    connection.sendall(
                        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                        b"Retry-After: 2\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                        % (len(STARTING), STARTING)
                    )
                    connection.shutdown(socket.SHUT_WR)
                if self._closing.is_set():
                    closed_at = min(closed_at, time.monotonic() + CLOSING_SECONDS)
