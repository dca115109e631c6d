"""The columns of row scores are the same to the bit, whichever engine reads the rows."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from train.data.tables import open_tables
from train.features import build
from train.row_models.beside import columns_on_engine
from train.row_models.declared import COLUMNS, TABLES
from train.row_models.encoded import encode, fitted
from train.row_models.history import History
from train.row_models.models import RowModel, RowModels

SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
}


@pytest.fixture
def spark(tmp_path):
    """A session on this machine only, without a page of its own, that does little at once."""
    builder = SparkSession.builder.master("local[1]")
    for name, value in (SETTINGS | {"spark.sql.warehouse.dir": str(tmp_path)}).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def models(history):
    ids = np.arange(100_000, 100_600)
    found = []
    for table in TABLES:
        rows = history.read(table, ids)
        encoded = encode(table, fitted(table, rows), rows)
        outcomes = np.random.default_rng(0).integers(0, 2, len(rows.client)).astype(np.int8)
        found.append(RowModel.fit(encoded, np.arange(len(rows.client)), outcomes, 0, 1))
    return RowModels(tuple(found))


def columns(folder, models, engine):
    tables = open_tables(folder, threads=1, application="application_test", engine=engine)
    table = columns_on_engine(tables, build(tables, [].append), models, 1, [].append)
    made = table.to_pyarrow().to_pandas().set_index("SK_ID_CURR").sort_index()
    expected = models.of(History.of(tables), made.index.to_numpy(), threads=1)
    np.testing.assert_array_equal(made[[*COLUMNS]].to_numpy(), expected)
    assert "PREV_COUNT" in made
    return made[[*COLUMNS]]


@pytest.mark.long
@pytest.mark.usefixtures("spark")
def test_both_engines_make_the_same_columns(folder, models):
    here, there = (columns(folder, models, engine) for engine in ("duckdb", "spark"))
    assert len(here) == 100
    assert 0 < here["ROWS_PREV_MAX"].isna().sum() < 50
    pd.testing.assert_frame_equal(here, there, check_exact=True)
