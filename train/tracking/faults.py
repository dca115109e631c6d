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
SERVER_ERROR = 500
"""The least HTTP status that blames the server: RFC 9110, section 15.6."""


class BrokenStore(TrainError):
    """The store, or a disk, stopped giving or taking."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"the tracking store {uri} has failed: {reason}")
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
    except Exception as error:
        blame_store(error)
        raise


def blame_store(error: Exception) -> None:
    """Raises BrokenStore if a store or a disk is to blame for `error`: what is not found because
    nobody answers need not be missing."""
    if reason := reason_of(error):
        raise BrokenStore(mlflow.get_tracking_uri(), reason) from error


def reason_of(error: BaseException) -> str | None:
    """What went wrong, if a store or a disk is to blame; each layer wraps that in its own error."""
    return next(filter(None, map(_reason, _chain(error))), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _answered(error: RequestException) -> bool:
    """Whether the server has said that what was asked for is missing, or is not for us."""
    return error.response is not None and error.response.status_code < SERVER_ERROR


def _reason(error: BaseException) -> str | None:
    """What went wrong, if it is a fault of a store or a disk; None if it is not."""
    if isinstance(error, sqlite3.OperationalError):
        return str(error)
    if isinstance(error, RequestException) and not _answered(error):
        return "the server does not answer any more"
    if isinstance(error, OSError) and error.errno in OF_A_DISK:
        return os.strerror(error.errno) + (f" ({error.filename})" if error.filename else "")
    return None
