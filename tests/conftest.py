"""A small real model, made once, the way training makes it."""

import os
import sys
import tempfile
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest
from filelock import FileLock

from scoring_model.artifacts import Artifacts
from scoring_model.contract import Contract, Feature
from scoring_model.decision import Calibration
from scoring_model.explanations import Factor
from train.data import derive

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when MLflow is imported, here or below
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{tempfile.gettempdir()}/credit-scoring-hypothesis"
os.environ["PYSPARK_PYTHON"] = sys.executable  # for the sessions that tests start themselves

pytest_plugins = ["tests.trained"]

PROCESS_FIXTURES = {"workplace", "trained", "serving", "refused", "blank", "spark"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Marks the tests that start a process or a training by the fixtures they use."""
    for item in items:
        if {"service", "ledger"} & {*item.path.parts} or PROCESS_FIXTURES & {*item.fixturenames}:
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, request):
    """A function: (name, make) -> a folder that `make(folder)` has filled, once for all processes
    of a test run (pytest-xdist), which only read it."""
    root = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        root = root.parent

    def made(name, make):
        folder, done = root / f"once_{name}", root / f"once_{name}.done"
        with FileLock(root / f"once_{name}.lock"):
            if not done.exists():
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


CONTRACT = Contract(
    "SK_ID_CURR",
    (
        Feature("CODE_GENDER", "category", ("M", "F")),
        Feature("AMT_CREDIT", "number"),
        Feature("OWNS_CAR", "category", ("false", "true")),
        Feature("EXT_SOURCE_2", "number"),
    ),
)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return CONTRACT


@pytest.fixture(scope="session")
def small_artifacts() -> Artifacts:
    """Trained on 600 made-up clients, a tenth of the values missing."""
    random = np.random.default_rng(0)
    matrix = np.column_stack(
        [
            random.integers(0, 2, 600),
            random.lognormal(12, 1, 600),
            random.integers(0, 2, 600),
            random.random(600),
        ]
    ).astype(float)
    defaulted = (matrix[:, 3] + 0.3 * random.normal(size=600) < 0.3).astype(int)
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    estimator = lgb.LGBMClassifier(n_estimators=20, num_leaves=7, verbose=-1, n_jobs=1)
    estimator.fit(matrix, defaulted, categorical_feature=[0, 2])
    return Artifacts(
        estimator,
        CONTRACT,
        derive.declared(CONTRACT.columns),
        Calibration("beta", (1.1, 0.9, 0.1)),
        tuple(Factor(name, (name,), (name,), name, name) for name in CONTRACT.columns),
        0.7,
    )


@pytest.fixture(scope="session")
def shipped() -> Path:
    return Path(__file__).parent.parent / "mlruns_reduced"


@pytest.fixture
def database(environ):
    """The upgraded database of an environment."""
    from app.settings import Settings
    from ledger.database import connect
    from ledger.migration import upgrade

    database = connect(Settings.from_environ(environ).ledger)
    upgrade(database)
    yield database
    database.close()
