"""Clients whose default depends on their earlier applications and credits, and on nothing else."""

import numpy as np
import pandas as pd
import pytest

from train.__main__ import main as train
from train.data.tables import open_tables
from train.row_models.history import History

CLIENTS = 700
TAUGHT = 600


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Tables of few columns; one client in seven has no row in either history table."""
    random = np.random.default_rng(5)
    ids = np.arange(100_000, 100_000 + CLIENTS)
    previous = _rows(random, ids)
    refused = random.random(len(previous)) < 0.4
    previous["SK_ID_PREV"] = random.permutation(len(previous)) + 1_000_000
    previous["NAME_CONTRACT_STATUS"] = np.where(refused, "Refused", "Approved")
    previous["AMT_APPLICATION"] = random.integers(1, 9, len(previous)) * 10_000.0
    previous["AMT_CREDIT"] = previous["AMT_APPLICATION"]
    previous["DAYS_DECISION"] = -random.integers(1, 2_000, len(previous))
    previous["FLAG_LAST_APPL_PER_CONTRACT"] = "Y"
    bureau = _rows(random, ids)
    bureau["SK_ID_BUREAU"] = random.permutation(len(bureau)) + 5_000_000
    bureau["CREDIT_ACTIVE"] = random.choice(["Active", "Closed"], len(bureau))
    bureau["AMT_CREDIT_SUM"] = random.integers(1, 9, len(bureau)) * 50_000.0
    bureau["AMT_CREDIT_SUM_DEBT"] = random.random(len(bureau)) * bureau["AMT_CREDIT_SUM"]
    bureau["DAYS_CREDIT"] = -random.integers(1, 2_000, len(bureau))
    risky = refused & (previous["AMT_CREDIT"] > 40_000)
    count = risky.groupby(previous["SK_ID_CURR"]).sum().reindex(ids).fillna(0)
    odds = -2.5 + 2.5 * count.to_numpy()
    application = pd.DataFrame(
        {
            "SK_ID_CURR": ids,
            "TARGET": (random.random(CLIENTS) < 1 / (1 + np.exp(-odds))).astype(int),
            **{f"EXT_SOURCE_{number}": random.random(CLIENTS) for number in (1, 2, 3)},
            "AMT_ANNUITY": random.integers(1, 9, CLIENTS) * 5_000.0,
            "AMT_CREDIT": random.integers(1, 9, CLIENTS) * 100_000.0,
        }
    )
    folder = tmp_path_factory.mktemp("tables")
    previous.to_parquet(folder / "previous_application.parquet")
    bureau.to_parquet(folder / "bureau.parquet")
    application[:TAUGHT].to_parquet(folder / "application_train.parquet")
    unknown = application[TAUGHT:].drop(columns="TARGET")
    unknown.to_parquet(folder / "application_test.parquet")
    return folder


def _rows(random, ids):
    some = random.choice(ids, len(ids) * 6 // 7, replace=False)
    counts = random.integers(1, 6, len(some))
    return pd.DataFrame({"SK_ID_CURR": random.permutation(np.repeat(some, counts))})


@pytest.fixture
def tables(folder):
    return open_tables(folder, threads=1)


@pytest.fixture
def history(tables):
    return History.of(tables)


@pytest.fixture
def trained(workplace, store, folder, monkeypatch):
    """Trains in this process; the champion and its run."""
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def run(*options):
        fixed = ("--data", str(folder), "--folds", "2", "--threads", "1")
        done = train([*fixed, "--export", str(workplace.export), *options])
        assert done == 0
        version = store.get_model_version_by_alias("credit-scoring", "champion")
        return version, store.get_run(version.run_id)

    return run
