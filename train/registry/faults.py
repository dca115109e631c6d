"""What a tracking store, or the disk under it, can do to a training: said in one line."""

import errno
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import mlflow
from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES
from requests.exceptions import RequestException
from urllib3.util import Retry

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


LOGGER = logging.getLogger("urllib3.connectionpool")


def tell_of_waiting(say: Callable[[str], None]) -> None:
    """From now on `say` is told of every request that is tried again."""
    for handler in LOGGER.handlers[:]:
        if isinstance(handler, _Waiting):
            LOGGER.removeHandler(handler)
    LOGGER.addHandler(_Waiting(say))


@contextmanager
def impatient() -> Iterator[None]:
    """Meanwhile every request is tried once."""
    patience = MLFLOW_HTTP_REQUEST_MAX_RETRIES.get()
    MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(0)
    try:
        yield
    finally:
        MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(patience)


@contextmanager
def clearing_up(error: BaseException) -> Iterator[None]:
    """For what is to be done after `error`: if a store was to blame it is tried once. What goes
    wrong then is not said, for `error` is what is to be told."""
    with suppress(Exception):
        if reason_of(error):
            with impatient():
                yield
        else:
            yield


class _Waiting(logging.Handler):
    """Makes a line of what urllib3 logs of a request that is tried again."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        retry = record.args[0] if isinstance(record.args, tuple) and record.args else None
        if isinstance(retry, Retry):
            self._say(f"the tracking server does not answer: {_left(retry)}")


def _left(retry: Retry) -> str:
    """For how long a request is still tried: urllib3 doubles each pause up to `backoff_max`."""
    tries, failed = int(retry.total or 0), len(retry.history)
    pauses = (retry.backoff_factor * 2**number for number in range(failed, failed + tries))
    minutes = sum(min(retry.backoff_max, pause) for pause in pauses) / 60
    if not tries:
        return "trying once more"
    if minutes < 1:
        return "trying for less than a minute more"
    return f"trying for some {minutes:.0f} minute{'s' * (round(minutes) != 1)} more"
