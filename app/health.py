"""Whether the scorer is fit to answer: it is asked for the score of the model's own example."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from app.errors import NotReady
from app.example import typical_client
from app.scorer import Champion, Score, Scorer
from scoring_model.errors import InvalidRows

EXAMPLE = "input_example.json"

CHECK_SECONDS = 1.0
"""Between two checks. Probes, however many, ask for what the last one found and cost nothing."""

STALE_SECONDS = 3.0
"""A scorer that has not ended a check for so long hangs, or is too busy to take more."""

Clients = list[dict[str, Any]]


class Pin(NamedTuple):
    """What a version of the model said of some clients when it was first asked."""

    version: str
    clients: Clients
    scores: list[Score]


class Outcome(NamedTuple):
    """What a check found, and when it ended."""

    ready: bool
    ended: float


@dataclass
class Readiness:
    """Of one process. `folder` holds the model's input example.

    The score is pinned when the model gives it for the first time: from then on, for as long as
    the model keeps its version, it must give the same to the last bit.
    """

    champion: Champion
    folder: Path
    _last: Outcome = field(default=Outcome(False, -math.inf), init=False)
    _pin: Pin | None = field(default=None, init=False)
    _watched: bool = field(default=False, init=False)

    def watch(self) -> None:
        """Checks from now on, on a thread of its own: a scorer that hangs takes no prober along."""
        self._watched = True
        Thread(target=self._keep_checking, name="readiness", daemon=True).start()

    def ready(self) -> bool:
        """What the last check found, as long as it says something of now."""
        if not self._watched:
            self.check()
        return self._last.ready and time.monotonic() - self._last.ended < STALE_SECONDS

    def check(self) -> None:
        """Asks the scorer once."""
        try:
            ready = self._gives_the_pinned_score(self.champion.scorer)
        except Exception:  # whatever a scorer fails with: not ready
            ready = False
        self._last = Outcome(ready, time.monotonic())

    def _keep_checking(self) -> None:
        while True:
            self.check()
            time.sleep(CHECK_SECONDS)

    def _gives_the_pinned_score(self, scorer: Scorer) -> bool:
        if self._pin is None or self._pin.version != scorer.model.version:
            self._pin = self._first_scores(scorer)
            return True
        return scorer.score(self._pin.clients) == self._pin.scores

    def _first_scores(self, scorer: Scorer) -> Pin:
        """Of the first example that the model takes. Raises NotReady, and what a scorer raises."""
        for clients in self._examples(scorer):
            try:
                scores = scorer.score(clients)
            except InvalidRows:
                continue
            if scores and all(0 <= score.solvency <= 1 for score in scores):
                return Pin(scorer.model.version, clients, scores)
        raise NotReady

    def _examples(self, scorer: Scorer) -> Iterator[Clients]:
        """The one that came with the model, and one made from its contract: the first may be gone,
        or that of another version, or lack more columns than the service lets a client lack."""
        try:
            example = json.loads((self.folder / EXAMPLE).read_text(encoding="utf-8"))
            yield example if isinstance(example, list) else [example]
        except (OSError, ValueError):
            pass
        yield [typical_client(scorer.model)]
