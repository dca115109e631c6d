"""Whether the scorer is fit to answer: it is asked for the score of the model's own example."""

import json
import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from app.example import example_client
from app.model_folder import ModelFolder
from app.scorer import Champion, Score

EXAMPLE = "input_example.json"

CHECK_SECONDS = 1.0
"""Between two checks. Probes, however many, ask for what the last one found and cost nothing."""

STALE_SECONDS = 3.0
"""A scorer that has not ended a check for so long hangs, or is too busy to take more."""


class Outcome(NamedTuple):
    """What a check found, and when it ended."""

    ready: bool
    ended: float


@dataclass
class Readiness:
    """Of one process. `folder` is that of the model which it starts with.

    The score is pinned when the model gives it for the first time: from then on, for as long as
    the model keeps its version, it must give the same to the last bit.
    """

    champion: Champion
    folder: Path
    _first: str = field(init=False)
    _last: Outcome = field(default=Outcome(False, -math.inf), init=False)
    _pinned: tuple[str, list[Score]] | None = field(default=None, init=False)
    _watched: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._first = self.champion.scorer.model.version

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
            ready = self._gives_the_pinned_score()
        except Exception:  # whatever a scorer or a disk fails with: not ready
            ready = False
        self._last = Outcome(ready, time.monotonic())

    def _keep_checking(self) -> None:
        while True:
            self.check()
            time.sleep(CHECK_SECONDS)

    def _gives_the_pinned_score(self) -> bool:
        scorer = self.champion.scorer
        scores, version = scorer.score(self._example(scorer.model)), scorer.model.version
        if self._pinned is None or self._pinned[0] != version:
            if not scores or not all(0 <= score.solvency <= 1 for score in scores):
                return False
            self._pinned = version, scores
        return scores == self._pinned[1]

    def _example(self, model: ModelFolder) -> list[dict[str, Any]]:
        """The folder of a model that came later may be gone: for it, a client from its contract."""
        if model.version != self._first:
            return [example_client(model)]
        example = json.loads((self.folder / EXAMPLE).read_text(encoding="utf-8"))
        return example if isinstance(example, list) else [example]
