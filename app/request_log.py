"""One JSON line about each request on stderr.

A line holds no path, query, header or body that a caller sent: any of them may name a client.
"""

import traceback
from pathlib import Path

import orjson

from app.exchange import Exchange
from app.journal import tell, write


def log_request(exchange: Exchange, method: str, status: int, seconds: float) -> None:
    """What was asked and answered. Built here, because it is most of what there is to log."""
    facts = {
        "event": "request",
        "request_id": exchange.id,
        "method": method,
        "route": exchange.route,
        "status": status,
        "ms": round(seconds * 1000, 3),
        "rows": exchange.rows,
        "model": exchange.scorer.model.version if exchange.scorer else None,
    }
    if exchange.key:
        facts["key"] = exchange.key
    write(orjson.dumps(facts).decode())


def log_failure(error: Exception, request_id: str) -> None:
    """What broke and where, without the message, which may quote a client's data."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    tell("failure", request_id=request_id, type=type(error).__name__, at=at)
