"""A small generated sample, shared by the tests of this folder."""

import pyarrow.parquet as pq
import pytest

from sample import generate
from sample.facts import TABLES

SCALE = 0.02
SMALL = 0.0015


@pytest.fixture(scope="session")
def folder(made_once):
    return made_once("sample", lambda folder: generate(folder, SCALE, workers=1))


@pytest.fixture(scope="session")
def tables(folder):
    return {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}


@pytest.fixture(scope="session")
def frames(tables):
    return {name: table.to_pandas() for name, table in tables.items()}


@pytest.fixture(scope="session")
def small(made_once):
    return made_once("small", lambda folder: generate(folder, SMALL, workers=1))


@pytest.fixture(scope="session")
def small_csv(made_once):
    return made_once("small_csv", lambda folder: generate(folder, SMALL, "csv", workers=1))
