"""One promotion at a time, among the processes that share a file system."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from train.promotion.errors import BusyRegistry

PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 0.1


@contextmanager
def locked(path: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Holds the lock file `path`; the operating system frees it however the process ends.

    Raises BusyRegistry where another process holds it for longer than `patience` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _acquire(descriptor, path, patience)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise BusyRegistry(str(path), patience) from error
            time.sleep(PAUSE_SECONDS)
        else:
            return
