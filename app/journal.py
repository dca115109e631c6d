"""What this service has to say, on stderr: JSON lines, and plain ones for whoever starts it."""

import json
import sys
from contextlib import suppress

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def tell(event: str, **facts: object) -> None:
    """One JSON line."""
    write(_to_json({"event": event, **facts}))


def complain(sentence: object) -> None:
    """One plain line, for the operator: what to put right."""
    write(" ".join(f"credit-scoring: {sentence}".split()))


def write(line: str) -> None:
    """In one piece, because processes share the stream. A log that cannot be written, for its disk
    is full or its reader gone, is no reason to fail."""
    with suppress(OSError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
