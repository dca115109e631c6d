"""The log: JSON lines on stderr, and plain lines for the operator who starts the service.

A line holds no path, query, header or body that a caller sent: any of them may name a client.
"""

import os
import select
import traceback
from datetime import UTC, datetime
from pathlib import Path

import orjson

_STDERR = 2
LONGEST_LINE = select.PIPE_BUF
"""A pipe takes a line up to this size whole, or reports that it is full."""

lost_lines = 0
"""Lines that could not be written since the process started."""


def log_event(event: str, **facts: object) -> None:
    """One JSON line with the time in UTC (RFC 3339)."""
    line = {"time": datetime.now(UTC), "event": event, **facts}
    write(orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z))


def log_failure(error: BaseException, request_id: str) -> None:
    """Type and place of an unexpected error, without its message, which may quote a client."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    log_event("failure", request_id=request_id, type=type(error).__name__, at=at)


def print_line(sentence: object) -> None:
    """One plain line for the operator."""
    write(" ".join(f"credit-scoring: {sentence}".split()).encode("utf-8", "backslashreplace"))


def write(line: bytes) -> None:
    """Writes a line in one piece, and never waits: where stderr is full or closed, the line is
    counted as lost."""
    global lost_lines
    try:
        writable = select.poll()
        writable.register(_STDERR, select.POLLOUT)
        if not any(event & select.POLLOUT for _, event in writable.poll(0)):
            raise BlockingIOError
        os.write(_STDERR, line[: LONGEST_LINE - 1] + b"\n")
    except (OSError, ValueError):
        lost_lines += 1
