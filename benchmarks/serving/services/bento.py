"""The same in BentoML."""

from typing import Any

import bentoml  # type: ignore[import-not-found]

from benchmarks.serving.services.scoring import Scoring


@bentoml.service(workers=1)
class Bento:
    """One worker, as every contestant has."""

    def __init__(self) -> None:
        self._scoring = Scoring()

    @bentoml.api  # type: ignore[untyped-decorator]
    def score(self, data: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return self._scoring.records(data)
