"""The models that are served: 500 trees on made-up clients, as our model and as MLflow's own."""

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import lightgbm as lgb
import mlflow.lightgbm
import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

import scoring_model
from scoring_model import artifacts
from scoring_model.artifacts import Artifacts
from scoring_model.contract import Contract, Feature
from scoring_model.decision import Calibration
from scoring_model.explanations import Factor
from scoring_model.integrity import Manifest
from train.data import derive

TREES = 500
CLIENTS = 5_000
ID = "SK_ID_CURR"
PACKAGE = Path(scoring_model.__file__).parent
CONSTANT = Path(__file__).parent / "services/constant_model.py"
Record = dict[str, Any]


def make(columns: int, folder: Path) -> None:
    """Trains one classifier and saves it twice below `folder`: `ours` and `stock`.

    Beside them stand `booster.txt`, for services without MLflow, and `clients.json`, a thousand
    clients as records. A tenth of the values is missing.
    """
    names = [f"COLUMN_{number}" for number in range(columns)]
    matrix, defaulted = _past_clients(columns)
    estimator = lgb.LGBMClassifier(n_estimators=TREES, num_leaves=31, n_jobs=1, verbose=-1)
    estimator.fit(matrix, defaulted)
    folder.mkdir(parents=True)
    estimator.booster_.save_model(folder / "booster.txt")
    clients = [_client(number, names, row) for number, row in enumerate(matrix[:1000])]
    (folder / "clients.json").write_text(json.dumps(clients))
    _save_ours(estimator, names, clients[0], folder / "ours")
    frame = pd.DataFrame(matrix[:100], columns=names)
    mlflow.lightgbm.save_model(
        estimator.booster_,
        folder / "stock",
        signature=infer_signature(frame, np.zeros(1)),
        pip_requirements=["lightgbm"],
    )
    mlflow.pyfunc.save_model(
        folder / "constant", python_model=str(CONSTANT), pip_requirements=["lightgbm"]
    )


def _past_clients(columns: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(CLIENTS, columns))
    odds = matrix[:, :20] @ draw.normal(size=20) + 2 * draw.normal(size=CLIENTS)
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    return matrix, (odds > np.quantile(odds, 0.92)).astype(int)


def _client(number: int, names: list[str], row: np.ndarray[Any, Any]) -> Record:
    values = [value if value == value else None for value in row.tolist()]
    return {ID: 100_000 + number, **dict(zip(names, values, strict=True))}


def _save_ours(estimator: Any, names: list[str], example: Record, folder: Path) -> None:
    """As training logs it: code, contract, outputs and params declared, no input schema."""
    model = Artifacts(
        estimator,
        Contract(ID, tuple(Feature(name, "number") for name in names)),
        derive.declared(names),
        Calibration(),
        tuple(Factor(name, (name,), (name,), name.lower(), name.lower()) for name in names),
        threshold=0.9,
    )
    outputs = [ColSpec(DataType.long, ID), ColSpec(DataType.double, "solvency")]
    outputs += [ColSpec(DataType.double, "threshold"), ColSpec(DataType.string, "decision")]
    params = [
        ParamSpec("threshold", DataType.double, default=None),
        ParamSpec("checks", DataType.boolean, default=False),
    ]
    with tempfile.TemporaryDirectory() as scratch:
        mlflow.pyfunc.save_model(
            folder,
            python_model=str(PACKAGE / "entry.py"),
            artifacts=artifacts.save(model, Path(scratch)),
            code_paths=[str(PACKAGE)],
            signature=ModelSignature(outputs=Schema(outputs), params=ParamSchema(params)),
            input_example=[example],
            pip_requirements=["lightgbm"],
        )
    Manifest.of(folder).write(folder)


def pick(clients: list[Record], rows: int, seed: int) -> list[Record]:
    """`rows` different clients, the same for the same seed."""
    return random.Random(seed).sample(clients, rows)
