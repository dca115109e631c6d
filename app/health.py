"""Whether the scorer is fit to answer: it is asked for the score of the model's own example, and
held against what the model said of it at training."""

import json
import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from app.errors import NotReady
from app.model_folder import ModelFolder
from app.openapi import typical_client
from app.scorer import Champion, Score, Scorer
from scoring_model.errors import InvalidRows
from scoring_model.expected import Expected

EXAMPLE = "input_example.json"

CHECK_SECONDS = 1.0
"""Between two checks. Probes, however many, ask for what the last one found and cost nothing."""

STALE_SECONDS = 3.0
"""A scorer that has not ended a check for so long hangs, or is too busy to take more."""

Clients = list[dict[str, Any]]


class Pin(NamedTuple):
    """What a version of the model said of some clients when it was first asked rightly."""

    version: str
    clients: Clients
    scores: list[Score]


class Outcome(NamedTuple):
    """What a check found, and when it ended."""

    ready: bool
    ended: float


@dataclass
class Readiness:
    """Of one process. `folder` holds the input example of a model of before, which does not tell
    what to expect. A service with `min_coverage` may refuse an example.

    The score is pinned when the model gives it, as expected, for the first time: from then on, for
    as long as the model keeps its version, it must give the same to the last bit.
    """

    champion: Champion
    folder: Path
    min_coverage: float = 0.0
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
        for clients, expected in self._examples(scorer.model):
            try:
                scores = scorer.score(clients)
            except InvalidRows:
                if expected and not self.min_coverage:
                    break
                continue
            if _are_right(scores, scorer.model, expected):
                return Pin(scorer.model.version, clients, scores)
            if expected:
                break
        raise NotReady

    def _examples(self, model: ModelFolder) -> Iterator[tuple[Clients, Expected | None]]:
        """Those that came with the model, and one made from its contract: the first may be gone, or
        that of another version, or lack more columns than the service lets a client lack."""
        if model.expected:
            yield model.expected.clients, model.expected
        with suppress(OSError, ValueError):
            example = json.loads((self.folder / EXAMPLE).read_text(encoding="utf-8"))
            yield (example if isinstance(example, list) else [example]), None
        yield [typical_client(model)], None


def _are_right(scores: list[Score], model: ModelFolder, expected: Expected | None) -> bool:
    if expected is None:
        return bool(scores) and all(0 <= score.solvency <= 1 for score in scores)
    thresholds = {score.threshold for score in scores}
    return expected.holds([s.solvency for s in scores]) and thresholds == {model.best_threshold}
