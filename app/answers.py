"""Scores to the bodies of the answers, in the words of the wire."""

from collections.abc import Sequence
from typing import Any

from app.payload import Id
from app.scorer import Score

Body = dict[str, Any]


def decisions(ids: Sequence[Id], scores: Sequence[Score]) -> Body:
    """Yes or No for each client."""
    return _by_client(ids, [score.decision for score in scores])


def solvencies(ids: Sequence[Id], scores: Sequence[Score]) -> Body:
    """The solvency of each client, and the threshold it was held against."""
    return _by_client(
        ids, [{"niveau de solvabilité": s.solvency, "seuil": s.threshold} for s in scores]
    )


def _by_client(ids: Sequence[Id], values: Sequence[Any]) -> Body:
    keys = (f"client n°{id_}" for id_ in ids)
    return {"prediction": dict(zip(keys, values, strict=True))}
