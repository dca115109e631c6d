"""A small generated set of all tables, and the features built of it, made once."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sample.generate import generate
from train.home_credit.build import build
from train.home_credit.tables import open_tables


@pytest.fixture(scope="session")
def sample(made_once: Any) -> Path:
    """A folder of the seven tables, some 600 clients."""
    folder: Path = made_once("features", lambda folder: generate(folder, 0.002, "parquet", 0, 1))
    return folder


@pytest.fixture(scope="session")
def built(sample: Path) -> pd.DataFrame:
    """The features of the sample on DuckDB, by client."""
    table = build(open_tables(sample, threads=2), lambda _line: None)
    return table.to_pyarrow().to_pandas().set_index("SK_ID_CURR")
