"""What an answer of MLflow's protocol told its clients."""

import orjson

from app.scorer import Score


def read_scores(body: bytes) -> list[Score]:
    """A score a row, as far as the body holds any."""
    try:
        rows = orjson.loads(body)["predictions"]
        return [Score.of(row) for row in rows]
    except (ValueError, TypeError, KeyError):
        return []
