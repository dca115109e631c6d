"""Scores to the bodies of the answers, in the words of the wire."""

from collections.abc import Sequence
from typing import Any

from app.payload import Id
from app.scorer import Score

Body = dict[str, Any]


def decisions(ids: Sequence[Id], scores: Sequence[Score]) -> Body:
    """Yes or No for each client."""
    return _by_client(ids, scores, [score.decision for score in scores])


def solvencies(ids: Sequence[Id], scores: Sequence[Score]) -> Body:
    """The solvency of each client, and the threshold it was held against."""
    levels = [{"niveau de solvabilité": s.solvency, "seuil": s.threshold} for s in scores]
    return _by_client(ids, scores, levels)


def _by_client(ids: Sequence[Id], scores: Sequence[Score], values: Sequence[Any]) -> Body:
    """`values` under the clients' keys; beside them what the model knew of each, if it tells, and
    the warnings, if there are any."""
    keys = [f"client n°{id_}" for id_ in ids]
    body = {"prediction": dict(zip(keys, values, strict=True))}
    coverage = {k: s.coverage for k, s in zip(keys, scores, strict=True) if s.coverage is not None}
    warnings = [
        {"client": key, **warning}
        for key, score in zip(keys, scores, strict=True)
        for warning in score.warnings
    ]
    return (
        body
        | ({"coverage": coverage} if coverage else {})
        | ({"warnings": warnings} if warnings else {})
    )
