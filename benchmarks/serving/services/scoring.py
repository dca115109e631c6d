"""What every hand-written service does with a client: a row of numbers, the Booster, a decision."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np

THRESHOLD = 0.9
CONSTANT = {"SK_ID_CURR": 0, "solvency": 0.5, "threshold": THRESHOLD, "decision": "No"}


class Scoring:
    """Reads the environment: BOOSTER is a model file; with CONSTANT, nothing is computed."""

    def __init__(self) -> None:
        self._booster = lgb.Booster(model_file=os.environ["BOOSTER"])
        self._columns = [f"COLUMN_{n}" for n in range(self._booster.num_feature())]
        self._constant = bool(os.environ.get("CONSTANT"))

    def records(self, clients: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        if self._constant:
            return [CONSTANT] * len(clients)
        rows = [[client.get(name) for name in self._columns] for client in clients]
        scores = self.matrix(np.array(rows, dtype=np.float64))
        ids = [client["SK_ID_CURR"] for client in clients]
        return [
            {
                "SK_ID_CURR": id_,
                "solvency": score,
                "threshold": THRESHOLD,
                "decision": "Yes" if score >= THRESHOLD else "No",
            }
            for id_, score in zip(ids, scores, strict=True)
        ]

    def matrix(self, matrix: Any) -> list[float]:
        """Solvency of each row."""
        if self._constant:
            return [0.5] * len(matrix)
        scores: list[float] = (1 - self._booster.predict(matrix, num_threads=1)).tolist()
        return scores
