"""Whether the scorer gives the score that its model states for an example."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from app.errors import CannotStart
from app.openapi import typical_client
from app.scorer import Rows, Scorer, scoring_params
from scoring_model.errors import InvalidRows

CHECK_SECONDS = 1.0
"""Interval of the checks. Probes return the result of the last one, and cost nothing."""

WARM_UP = 20
"""Times that a new model scores the example, so that no request is its first."""

FIRST_CHECK_SECONDS = 0.2
"""How long the first probe of a process waits for the first check."""


@dataclass
class Readiness:
    """Scores the example every second, in a thread that starts with the first question.

    The first time that a scorer gives the expected solvency, all its figures are pinned: from then
    on it must give the same bits. While a check is under way, the last result holds, so
    a scorer that is busy answering stays ready; one that does not answer within the time limit, or
    is gone, is not.
    """

    scorer: Callable[[], Scorer]
    min_coverage: float = 0.0
    _ready: bool = field(default=False, init=False)
    _checked: Event = field(default_factory=Event, init=False)
    _started: bool = field(default=False, init=False)
    _pin: tuple[Scorer, Sequence[dict[str, Any]], Rows] | None = field(default=None, init=False)

    def ready(self) -> bool:
        """The result of the last check."""
        if not self._started:
            self._started = True
            Thread(target=self._run, name="readiness", daemon=True).start()
            self._checked.wait(FIRST_CHECK_SECONDS)
        return self._ready

    def check(self) -> bool:
        """Asks the scorer once."""
        scorer = self.scorer()
        try:
            if self._pin is None or self._pin[0] is not scorer:
                self._pin = None
                return self._pin_first(scorer)
            return self._score(scorer, self._pin[1]) == self._pin[2]
        except Exception:  # whatever a scorer fails with: not ready
            return False

    def require(self) -> None:
        """Raises CannotStart if the scorer does not give the expected score."""
        if not all(self.check() for _ in range(WARM_UP)):
            raise CannotStart(
                reason="the new model does not give the expected score of its example"
            )

    def _run(self) -> None:
        while True:
            self._ready = self.check()
            self._checked.set()
            Event().wait(CHECK_SECONDS)

    def _pin_first(self, scorer: Scorer) -> bool:
        for clients in self._examples(scorer):
            try:
                rows = self._score(scorer, clients)
            except InvalidRows:
                continue  # MIN_COVERAGE may refuse an example
            expected = scorer.model.expected
            if expected and clients == expected.clients:
                if not expected.holds([row["solvency"] for row in rows]):
                    return False
                if any(row["threshold"] != scorer.model.best_threshold for row in rows):
                    return False
            elif not all(0 <= row["solvency"] <= 1 for row in rows):
                return False
            self._pin = scorer, clients, rows
            return True
        return False

    def _examples(self, scorer: Scorer) -> Iterator[list[dict[str, Any]]]:
        if scorer.model.expected:
            yield scorer.model.expected.clients
            if not self.min_coverage:
                return
        yield [typical_client(scorer.model)]

    def _score(self, scorer: Scorer, clients: Sequence[dict[str, Any]]) -> Rows:
        params = scoring_params(scorer.model, {}, self.min_coverage, checks=False)
        return scorer.score([*clients], params)
