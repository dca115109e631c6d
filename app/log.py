"""The log: JSON lines on stderr, and plain lines for the operator who starts the service.

A line holds no path, query, header or body that a caller sent: any of them may name a client.
"""

import json
import os
import select
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_STDERR = 2
LONGEST_LINE = select.PIPE_BUF
"""A pipe takes a line up to this size whole, or reports that it is full."""

lost_lines = 0
"""Lines that could not be written since the process started."""


def log_event(event: str, **facts: object) -> None:
    """One JSON line with the time in UTC (RFC 3339)."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    write(_encode({"time": now, "event": event, **facts}))


def log_failure(error: BaseException, request_id: str) -> None:
    """Type and place of an unexpected error, without its message, which may quote a client."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    log_event("failure", request_id=request_id, type=type(error).__name__, at=at)


def print_line(sentence: object) -> None:
    """One plain line for the operator."""
    write(" ".join(f"credit-scoring: {sentence}".split()))


def write(line: str) -> None:
    """Writes a line in one piece, and never waits: where stderr is full or closed, the line is
    counted as lost."""
    global lost_lines
    content = line.encode("utf-8", "backslashreplace")[: LONGEST_LINE - 1] + b"\n"
    try:
        sys.stderr.flush()
        writable = select.poll()
        writable.register(_STDERR, select.POLLOUT)
        if not any(event & select.POLLOUT for _, event in writable.poll(0)):
            raise BlockingIOError
        os.write(_STDERR, content)
    except (OSError, ValueError):
        lost_lines += 1
