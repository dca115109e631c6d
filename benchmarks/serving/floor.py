"""The floor below all servers: `Booster.predict` on an array that is ready."""

import statistics
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np

from benchmarks.serving.measure import CASES, Case, Result, Round

CALLS = 300


def booster(models: Path) -> Result:
    """One thread; with one client at a time, whatever the case says."""
    model = lgb.Booster(model_file=models / "booster.txt")
    matrix = np.random.default_rng(0).normal(size=(1000, model.num_feature()))
    result = Result("Booster.predict alone")
    for case in CASES:
        if case.clients == 1:
            result.rounds[case] = [_round(model, matrix, case)]
    return result


def _round(model: lgb.Booster, matrix: np.ndarray, case: Case) -> Round:
    taken = []
    for call in range(CALLS):
        first = call * case.rows % (len(matrix) - case.rows + 1)
        start = time.perf_counter()
        model.predict(matrix[first : first + case.rows], num_threads=1)
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return Round(
        statistics.median(taken), taken[round(0.99 * CALLS) - 1], 1000 * CALLS / sum(taken)
    )
