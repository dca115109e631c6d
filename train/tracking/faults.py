"""What a tracking store, or the disk under it, can do to a training: said in one line."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
from requests.exceptions import RequestException

from train.errors import TrainError

OF_A_DISK = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EIO,
    errno.EACCES,
    errno.EPERM,
}


class BrokenStore(TrainError):
    """The store, or a disk, stopped taking what training has to keep."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"what the run has to keep could not be kept in {uri}: {reason}")
        self.uri, self.reason = uri, reason


@contextmanager
def faults_told() -> Iterator[None]:
    """Turns a locked or full database, a full disk and a server that is gone into BrokenStore.

    The run may then stay open, for nothing can be written: the next training closes it.
    """
    try:
        yield
    except TrainError:
        raise
    except Exception as error:  # each layer wraps the fault in an error of its own
        reason = next(filter(None, map(_reason, _chain(error))), None)
        if reason is None:
            raise
        raise BrokenStore(mlflow.get_tracking_uri(), reason) from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _reason(error: BaseException) -> str | None:
    """What went wrong, if it is a fault of a store or a disk; None if it is not."""
    if isinstance(error, sqlite3.OperationalError):
        return str(error)
    if isinstance(error, RequestException):
        return "the server does not answer any more"
    if isinstance(error, OSError) and error.errno in OF_A_DISK:
        return os.strerror(error.errno) + (f" ({error.filename})" if error.filename else "")
    return None
