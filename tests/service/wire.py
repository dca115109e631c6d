"""Bytes sent over a socket as they are, and what comes back."""

import json
import socket
import time
from typing import NamedTuple

JSON_TYPE = b"Content-Type: application/json\r\n"
CHUNKED = JSON_TYPE + b"Transfer-Encoding: chunked\r\n"


class Reply(NamedTuple):
    """All bytes until the connection ended or `seconds` had passed, and which of both it was."""

    data: bytes
    closed: bool
    seconds: float

    @property
    def statuses(self):
        """Of all answers, one after the other."""
        parts = self.data.split(b"HTTP/1.1 ")[1:]
        return [int(part[:3]) for part in parts]

    @property
    def body(self):
        """Of the only answer, as JSON."""
        return json.loads(self.data.partition(b"\r\n\r\n")[2])


def connect(service, seconds=60):
    return socket.create_connection(("127.0.0.1", service.port), seconds)


def head(method, target, headers=b""):
    return b"%b %b HTTP/1.1\r\nHost: here\r\n%b\r\n" % (method, target, headers)


def post(target, body, headers=b"", length=None):
    """A POST of JSON; `length` may promise more than `body` holds."""
    size = b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    return head(b"POST", target, JSON_TYPE + size + headers) + body


def send(service, *parts, seconds=60):
    """The reply to `parts`, each sent as soon as it can be; a broken connection ends it."""
    started, data, closed = time.monotonic(), b"", True
    with connect(service, seconds) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while chunk := connection.recv(65536):
                data += chunk
        except TimeoutError:
            closed = False
        except ConnectionResetError:
            pass
    return Reply(data, closed, time.monotonic() - started)
