"""What gunicorn and uvicorn have to say, as JSON lines like all else."""

import logging
import signal
import sys
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from app.journal import tell

SIGNALS = {name.name for name in signal.Signals} | {name.name[3:] for name in signal.Signals}


class ServerLog(Logger):  # type: ignore[misc]
    """Fills only numbers and signals into gunicorn's sentences: it also knows paths and queries,
    and they may name a client."""

    def critical(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        _tell("critical", msg, args)

    def error(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        _tell("error", msg, args)

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        _tell("warning", msg, args)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """The type without the message, which may quote what a caller sent."""
        raised = sys.exception()
        _tell("error", msg, args, type=type(raised).__name__)


class LibraryLog(logging.Handler):
    """The same for libraries that log as Python does: their sentences, and the type of an error."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        facts = {"type": kind.__name__} if kind else {}
        _tell(record.levelname.lower(), record.msg, tuple(record.args or ()), **facts)


def _tell(level: str, msg: Any, args: tuple[Any, ...], **facts: Any) -> None:
    harmless = all(isinstance(value, int) or value in SIGNALS for value in args)
    says = str(msg) % args if args and harmless else str(msg)
    tell("server", level=level, says=says, **facts)
