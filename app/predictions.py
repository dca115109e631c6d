"""From the body of a request for decisions to the body of its answer."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from app import answers
from app.exchange import Exchange
from app.payload import Id, read_clients
from app.scorer import Score
from app.service import Service

InWords = Callable[[Sequence[Id], Sequence[Score]], dict[str, Any]]

IN_WORDS: dict[str, InWords] = {
    "/predict": answers.decisions,
    "/predict_proba": answers.solvencies,
}
"""What a route tells of the scores."""


def predictions(service: Service, exchange: Exchange, route: str, body: bytes) -> bytes:
    """Raises what `read_clients` and a scorer's `score` raise."""
    scorer = service.scorer_for(exchange)
    clients = read_clients(body, scorer.model.id, service.settings.max_rows)
    exchange.rows = len(clients.ids)
    scores = scorer.score(clients.records)
    service.figures.observe_answer(scores)
    return orjson.dumps(IN_WORDS[route](clients.ids, scores))
