"""The port that the public reaches, and one that nobody but the shim should."""

import socket

from app.errors import CannotStart

LOOPBACK = "127.0.0.1"
BACKLOG = 2048
CONNECT_SECONDS = 0.5


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on, before anything behind it is up.

    Raises CannotStart if the port is in use, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or "is not an address of this machine"
        raise CannotStart(f"cannot listen on {host} port {port}: {reason}") from error


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether something listens on this loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
