"""A small generated sample, shared by the tests of this folder."""

import pyarrow.parquet as pq
import pytest

from sample import generate
from sample.facts import TABLES

SCALE = 0.02
SMALL = 0.0015


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("sample")
    generate(out, SCALE, workers=1)
    return out


@pytest.fixture(scope="session")
def tables(folder):
    return {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}


@pytest.fixture(scope="session")
def frames(tables):
    return {name: table.to_pandas() for name, table in tables.items()}


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    out = tmp_path_factory.mktemp("small")
    generate(out, SMALL, workers=1)
    return out


@pytest.fixture(scope="session")
def small_csv(tmp_path_factory):
    out = tmp_path_factory.mktemp("small_csv")
    generate(out, SMALL, format_="csv", workers=1)
    return out
