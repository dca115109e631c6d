"""The clients and the models that the contestants share, made once."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import mlflow.lightgbm
import mlflow.pyfunc
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from mlflow.models import infer_signature

import scoring_model
from scoring_model import artifacts
from scoring_model.artifacts import FILES, Artifacts
from scoring_model.contract import Contract, Feature
from scoring_model.decision import Calibration
from scoring_model.encoding import Encoder
from scoring_model.explanations import Factor
from train.data import derive
from train.registry.store import quiet

CACHE = Path(__file__).resolve().parents[2] / "build" / "bench" / "batch"
PACKAGE = Path(scoring_model.__file__).parent
CATEGORIES = ("A", "B", "C", "D", "E", "F", "G", "H")
TRAINED_ON = 5_000
BLOCK = 50_000


@dataclass(frozen=True)
class Size:
    """How large the table and the model are."""

    rows: int
    columns: int
    trees: int

    @property
    def folder(self) -> Path:
        return CACHE / f"{self.rows}x{self.columns}x{self.trees}"


def prepare(size: Size) -> Path:
    """The folder of `clients.parquet`, `clients.csv`, and the models `ours`, with the code as it is
    now, and `flavor`."""
    ready = size.folder / "ready"
    if not ready.exists():
        quiet()
        size.folder.mkdir(parents=True, exist_ok=True)
        _write_clients(size)
        _save_models(size)
        ready.touch()
    _save_ours(size)
    return size.folder


def features(size: Size) -> tuple[Feature, ...]:
    """Every tenth column is a category of eight."""
    return tuple(
        Feature(f"x{place:03}", "category", CATEGORIES)
        if place % 10 == 9
        else Feature(f"x{place:03}", "number")
        for place in range(size.columns)
    )


def _write_clients(size: Size) -> None:
    columns = [
        (f.name, pa.string() if f.kind == "category" else pa.float64()) for f in features(size)
    ]
    schema = pa.schema([("SK_ID_CURR", pa.int64()), *columns])
    random = np.random.default_rng(0)
    with (
        pa.parquet.ParquetWriter(size.folder / "clients.parquet", schema) as parquet,
        pa.csv.CSVWriter(size.folder / "clients.csv", schema) as csv,
    ):
        for start in range(0, size.rows, BLOCK):
            rows = min(BLOCK, size.rows - start)
            values = [_values(random, rows, feature) for feature in features(size)]
            ids = pa.array(np.arange(start, start + rows) + 100_000)
            batch = pa.record_batch([ids, *values], schema=schema)
            parquet.write_batch(batch)
            csv.write_batch(batch)


def _values(random: np.random.Generator, rows: int, feature: Feature) -> pa.Array:
    """A tenth of them missing; amounts to the cent, as tables have them."""
    missing = random.random(rows) < 0.1
    if feature.kind == "number":
        return pa.array(random.lognormal(5, 1, rows).round(2), mask=missing)
    names = np.array(CATEGORIES, dtype=object)
    return pa.array(names[random.integers(0, len(names), rows)], mask=missing)


def frame(folder: Path, rows: int | None = None) -> Any:
    """The clients in memory, with their ids: a DataFrame."""
    table: pa.Table = pa.parquet.read_table(folder / "clients.parquet")
    return table.slice(0, rows).to_pandas()


def _save_models(size: Size) -> None:
    contract = Contract("SK_ID_CURR", features(size))
    clients = frame(size.folder, TRAINED_ON)
    matrix = Encoder(contract).encode_columns(clients, len(clients))
    random = np.random.default_rng(1)
    weights = random.normal(size=size.columns)
    log_odds = np.nan_to_num(np.log1p(matrix) - 4) @ weights / 5
    defaulted = (log_odds + random.logistic(size=len(clients)) > 2).astype(int)
    estimator = lgb.LGBMClassifier(n_estimators=size.trees, num_leaves=31, verbose=-1, n_jobs=1)
    estimator.fit(matrix, defaulted)
    derivation = derive.declared(contract.columns)
    spoken = tuple(Factor(name, (name,), (name,), name, name) for name in contract.columns)
    model = Artifacts(estimator, contract, derivation, Calibration(), spoken, 0.8)
    (size.folder / "files").mkdir(exist_ok=True)
    artifacts.save(model, size.folder / "files")
    coded = pd.DataFrame(matrix, columns=contract.columns)
    mlflow.lightgbm.save_model(
        estimator.booster_,
        str(size.folder / "flavor"),
        signature=infer_signature(coded.head(1_000), np.zeros(1_000)),
        pip_requirements=[],
    )


def _save_ours(size: Size) -> None:
    shutil.rmtree(size.folder / "ours", ignore_errors=True)
    mlflow.pyfunc.save_model(
        str(size.folder / "ours"),
        python_model=str(PACKAGE / "entry.py"),
        artifacts={name: str(size.folder / "files" / file) for name, file in FILES.items()},
        code_paths=[str(PACKAGE)],
        model_config={"prediction_threads": 1},
        pip_requirements=[],
    )
