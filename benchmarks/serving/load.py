"""The load generator: a process of its own, a thread a client, each with one open connection.

Plain sockets, because an HTTP library would take longer than some of the servers do.
`python -m benchmarks.serving.load PORT PATH CLIENTS REQUESTS SECONDS` reads bodies from standard
input, one a line, and prints the milliseconds of every request and of the whole as JSON.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

HOST = "127.0.0.1"
TIMEOUT = 60.0


class Load(NamedTuple):
    """So many clients at once, so many requests in all, but no longer than `seconds`."""

    clients: int
    requests: int
    seconds: float


class Connection:
    """Sends one request after the other on one connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> int:
        """The status of the answer, which is read to its end. Raises OSError."""
        self._socket.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._receive()
        head = answer[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        missing = length - (len(answer) - end - 4)
        while missing > 0:
            missing -= len(self._receive())
        return int(head.split(b" ", 2)[1])

    def _receive(self) -> bytes:
        received = self._socket.recv(1 << 18)
        if not received:
            raise ConnectionError("the server hung up")
        return received

    def close(self) -> None:
        self._socket.close()


def request(path: str, body: bytes) -> bytes:
    """The bytes of a POST of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def ask(port: int, path: str, body: bytes) -> int:
    """The status of one answer. Raises OSError."""
    connection = Connection(port)
    try:
        return connection.send(request(path, body))
    finally:
        connection.close()


def run(port: int, requests: Sequence[bytes], load: Load) -> tuple[list[float], float]:
    """Milliseconds of each request, and of all together. Raises OSError if one fails."""
    numbers, taken, failures = count(), [], []
    deadline = time.perf_counter() + load.seconds

    def client() -> None:
        try:
            connection = Connection(port)
            while (number := next(numbers)) < load.requests and time.perf_counter() < deadline:
                start = time.perf_counter()
                status = connection.send(requests[number % len(requests)])
                taken.append((time.perf_counter() - start) * 1000)
                if status != 200:
                    raise OSError(f"status {status}")
            connection.close()
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=client) for _ in range(load.clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return taken, (time.perf_counter() - start) * 1000


def main(port: str, path: str, clients: str, requests: str, seconds: str) -> None:
    bodies = [request(path, line.strip()) for line in sys.stdin.buffer]
    load = Load(int(clients), int(requests), float(seconds))
    taken, whole = run(int(port), bodies, load)
    json.dump({"each": taken, "whole": whole}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
