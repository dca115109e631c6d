"""A new champion without a restart: loaded beside the old one, tried, then put in its place."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import CannotStart, ServiceError
from app.journal import tell
from app.model_folder import ModelFolder
from app.scorer.champion import Champion
from app.scorer.protocol import Scorer
from app.scorer.source import Source
from scoring_model.errors import ScoringError

EXAMPLE = "input_example.json"
WARMING = 20
"""Times that the example is scored, so that no request is the first."""


@dataclass
class Renewal:
    """Looks at `source` every `seconds`, and gives each new state to `load`.

    A state that cannot be loaded or tried is reported once, and the scorer stays what it was.
    """

    source: Source
    load: Callable[[str], Scorer]
    seconds: float
    _state: str | None = field(default=None, init=False)
    _failure: str | None = field(default=None, init=False)

    def run(self, champion: Champion) -> None:
        """Never returns."""
        while True:
            self.look(champion)
            time.sleep(self.seconds)

    def look(self, champion: Champion) -> None:
        """Replaces the scorer of `champion` if there is a new one that works."""
        try:
            self._renew(champion)
        except Exception as error:  # serving must go on whatever a store or a model does
            self._report(error)

    def _renew(self, champion: Champion) -> None:
        state = self.source.state()
        if state == self._state:
            return
        with self.source.opened(state) as folder:
            is_first, self._state, self._failure = self._state is None, state, None
            if is_first and ModelFolder.read(Path(folder)) == champion.scorer.model:
                return
            scorer = self.load(folder)
            _try(scorer, Path(folder))
        if self.source.state() != state:  # it changed under our hands: again at the next look
            self._state = ""
            return
        before, champion.scorer = champion.scorer.model.version, scorer
        tell("model renewed", before=before, after=scorer.model.version)

    def _report(self, error: Exception) -> None:
        """The message of an unforeseen error may quote a client: the input example is one."""
        why = str(error) if isinstance(error, ServiceError | ScoringError) else ""
        failure = f"{type(error).__name__} {why}".strip()
        if failure != self._failure:
            tell("model not renewed", why=failure)
        self._failure = failure


def _try(scorer: Scorer, folder: Path) -> None:
    """Raises CannotStart if the model does not score its own example, as it did at training."""
    expected = scorer.model.expected
    example = expected.clients if expected else _input_example(folder)
    for _ in range(WARMING):
        scores = scorer.score(example)
    if not all(0 <= score.solvency <= 1 for score in scores) or len(scores) != len(example):
        raise CannotStart("the new model does not score its own input example")
    if expected and not expected.holds([score.solvency for score in scores]):
        raise CannotStart("the new model does not score its own example as it did at training")


def _input_example(folder: Path) -> list[dict[str, Any]]:
    example: list[dict[str, Any]] = json.loads((folder / EXAMPLE).read_text(encoding="utf-8"))
    return example
