"""Small made-up datasets: two columns that matter, the others noise."""

import numpy as np
import pyarrow as pa

from train.data.dataset import encode
from train.fitting.plan import Hyperparameters, Plan

QUICK = Hyperparameters(n_estimators=40, learning_rate=0.1, extra_trees=True)


def table(clients=400, columns=6, seed=0, informative=True, **more):
    """`id`, `y`, and columns `c0`, `c1`, ... of which the first two raise the odds of y = 1."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(clients, columns))
    odds = 2.5 * X[:, 0] + 1.5 * X[:, 1] - 1 if informative else np.full(clients, -1.0)
    y = (random.random(clients) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    named = {f"c{number}": X[:, number] for number in range(columns)}
    return pa.table({"id": np.arange(clients), "y": y, **named, **more})


def dataset(group=None, ignored=(), time=None, **options):
    return encode(table(**options), "id", "y", [].append, group, ignored, time)


def plan(**options):
    return Plan(**{"folds": 3, "threads": 1, "hyperparameters": QUICK, **options})


def silent(*_):
    pass
