"""One process of this machine at a time."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from train.registry.errors import BusyRegistry

SECONDS = 600.0


@contextmanager
def locked(what: str, seconds: float = SECONDS) -> Iterator[None]:
    """Holds the lock named `what` among this user's processes on this machine.

    The operating system frees it however the process ends. Raises BusyRegistry where another
    process holds it for longer than `seconds`.
    """
    name = f"credit-scoring-{os.getuid()}-{sha256(what.encode()).hexdigest()[:16]}.lock"
    lock = FileLock(Path(tempfile.gettempdir()) / name, timeout=seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyRegistry(what, seconds) from error
    try:
        yield
    finally:
        lock.release()
