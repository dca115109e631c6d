"""Numbers that a process shares with all that it forks, and locks that no dead process keeps."""

import fcntl
import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

BYTES = 8
"""Of a float64."""


class SharedCells:
    """`count` float64 cells, 0 at first; make them before the fork.

    A lock belongs to a process, not to a thread, and the kernel lets go of it when the process
    dies: a worker that is killed can neither block the others nor lose what it has counted.
    """

    def __init__(self, count: int) -> None:
        size = max(count, 1) * BYTES
        self._file = _nameless()
        weakref.finalize(self, os.close, self._file)
        os.ftruncate(self._file, size)
        self.values = memoryview(mmap.mmap(self._file, size)).cast("d")

    @contextmanager
    def locked(self, cell: int) -> Iterator[None]:
        """Waits until no other process has `cell` locked."""
        fcntl.lockf(self._file, fcntl.LOCK_EX, BYTES, cell * BYTES)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, BYTES, cell * BYTES)

    def claim(self, cell: int) -> bool:
        """Locks `cell` until this process ends, unless another has it."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, BYTES, cell * BYTES)
        except OSError:
            return False
        return True


def _nameless() -> int:
    """In memory where the system can, so that a full or read-only disk does not matter."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("credit-scoring")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
