"""What this service has to say, on stderr: JSON lines, and plain ones for whoever starts it."""

import sys

import orjson


def tell(event: str, **facts: object) -> None:
    """One JSON line."""
    _write(orjson.dumps({"event": event, **facts}).decode())


def complain(sentence: object) -> None:
    """One plain line, for the operator: what to put right."""
    _write(" ".join(f"credit-scoring: {sentence}".split()))


def _write(line: str) -> None:
    """In one piece, because processes share the stream."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
