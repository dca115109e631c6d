"""`python -m train.score` on a folder of Home Credit tables, by a model of such a folder."""

from pathlib import Path

import lightgbm as lgb
import mlflow
import pandas as pd
import pytest

import scoring_model
from scoring_model import artifacts
from scoring_model.artifacts import Artifacts
from scoring_model.contract import Contract, Feature
from scoring_model.decision import Calibration
from scoring_model.derive import Derivation
from scoring_model.encoding import Encoder
from scoring_model.explanations import Factor
from train.data.tables import open_tables
from train.features import build
from train.sample.generate import generate
from train.score.__main__ import main

PACKAGE = Path(scoring_model.__file__).parent
ID, TARGET = "SK_ID_CURR", "TARGET"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A folder of the published tables, some 600 clients to learn from."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, 0.002, "parquet", 0, 1)
    return folder


def features(sample, application):
    """One row a client, sorted by id, with all history features."""
    tables = open_tables(sample, threads=1, application=application)
    return build(tables, lambda _line: None).to_pyarrow().to_pandas()


@pytest.fixture(scope="module")
def model(sample, tmp_path_factory):
    """The folder of a small model of the sample's past clients."""
    past = features(sample, "application_train")
    known = past.drop(columns=[ID, TARGET]).dropna(axis="columns", how="all")
    contract = Contract(ID, tuple(_feature(known[name]) for name in known.columns))
    estimator = lgb.LGBMClassifier(n_estimators=20, num_leaves=7, verbose=-1, n_jobs=1)
    estimator.fit(Encoder(contract).encode_columns(known, len(known)), past[TARGET])
    folder = tmp_path_factory.mktemp("model")
    factors = tuple(Factor(name, (name,), (name,), name, name) for name in contract.columns)
    derivation = Derivation(tuple(contract.columns), tuple(contract.columns))
    parts = Artifacts(estimator, contract, derivation, Calibration(), factors, 0.9)
    mlflow.pyfunc.save_model(
        str(folder / "model"),
        python_model=str(PACKAGE / "entry.py"),
        artifacts=artifacts.save(parts, folder),
        code_paths=[str(PACKAGE)],
        model_config={"prediction_threads": 1},
        pip_requirements=[],
    )
    return folder / "model"


def _feature(values):
    if values.dtype == object:
        return Feature(values.name, "category", tuple(sorted(values.dropna().unique())))
    return Feature(values.name, "number")


@pytest.mark.parametrize("application", ["application_test", "application_train"])
def test_a_folder_is_scored_by_the_features_of_its_clients(
    sample, model, tmp_path, monkeypatch, application
):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    out = tmp_path / "scores.parquet"
    options = ["--data", str(sample), "--model", str(model), "--table", application]
    assert main([*options, "--out", str(out), "--threads", "1"]) == 0
    clients = features(sample, application)
    expected = mlflow.pyfunc.load_model(str(model)).predict(clients)
    found = pd.read_parquet(out)
    assert len(found) > 50
    assert found[ID].tolist() == clients[ID].tolist()
    pd.testing.assert_frame_equal(found.drop(columns="model_version"), expected, check_exact=True)
