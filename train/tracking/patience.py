"""A tracking server that is away: waited for with a word, and not waited for twice.

MLflow's client tries each request again for some four minutes (MLFLOW_HTTP_REQUEST_MAX_RETRIES and
MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR) and says nothing meanwhile; what it tries again, urllib3 logs.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES
from urllib3.util import Retry

from train.tracking.faults import reason_of

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
