"""One contestant in a process of its own: `python -m benchmarks.batch.contestants NAME ...`.

Prints JSON: the seconds that scoring took, those of all its threads, and its peak memory in GB.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np

from benchmarks.batch.prepare import frame
from scoring_model import artifacts
from scoring_model.artifacts import FILES, Artifacts
from scoring_model.encoding import Encoder

Timed = Callable[[], Any]


def booster(folder: Path, threads: int) -> Timed:
    """The floor: an array of float64, laid out row by row, ready before the clock starts."""
    model = _artifacts(folder)
    clients = frame(folder)
    ready = np.ascontiguousarray(Encoder(model.contract).encode_columns(clients, len(clients)))
    return lambda: model.estimator.booster_.predict(ready, num_threads=threads)


def ours(folder: Path, threads: int) -> Timed:
    """Our model through pyfunc, given a DataFrame with its ids and its categories as text."""
    model = mlflow.pyfunc.load_model(
        str(folder / "ours"), model_config={"prediction_threads": threads}
    )
    clients = frame(folder)
    return lambda: model.predict(clients)


def flavor(folder: Path, threads: int) -> Timed:  # noqa: ARG001 # OMP_NUM_THREADS tells it
    """MLflow's lightgbm flavor through pyfunc, which checks a DataFrame of numbers by its schema;
    the categories are numbers before the clock starts."""
    import pandas as pd

    contract = _artifacts(folder).contract
    model = mlflow.pyfunc.load_model(str(folder / "flavor"))
    clients = frame(folder)
    coded = pd.DataFrame(
        Encoder(contract).encode_columns(clients, len(clients)), columns=contract.columns
    )
    return lambda: model.predict(coded)


def from_parquet(folder: Path, threads: int) -> Timed:
    """`python -m train.score`, Parquet in and out; the process has imported what it needs."""
    return _command(folder, "clients.parquet", threads)


def from_csv(folder: Path, threads: int) -> Timed:
    """The same with a CSV file as its input."""
    return _command(folder, "clients.csv", threads)


CONTESTANTS: dict[str, Callable[[Path, int], Timed]] = {
    "Booster.predict on a ready array": booster,
    "ours, pyfunc, DataFrame": ours,
    "MLflow's lightgbm flavor, pyfunc, DataFrame": flavor,
    "train.score, Parquet to Parquet": from_parquet,
    "train.score, CSV to Parquet": from_csv,
}


def _artifacts(folder: Path) -> Artifacts:
    return artifacts.load({name: str(folder / "files" / file) for name, file in FILES.items()})


def _command(folder: Path, data: str, threads: int) -> Timed:
    from train.score import main

    out = tempfile.mkdtemp(dir=folder)
    options = ["--model", str(folder / "ours"), "--threads", f"{threads}", "--memory", "1GB"]

    def run() -> None:
        paths = ["--data", str(folder / data), "--out", f"{out}/scores.parquet"]
        if main([*paths, *options]) != 0:
            raise SystemExit(1)

    return run


def main() -> None:
    name, folder, threads = sys.argv[1:]
    timed = CONTESTANTS[name](Path(folder), int(threads))
    start, cpu = time.perf_counter(), time.process_time()
    timed()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak}))


if __name__ == "__main__":
    main()
