"""A small generated set of all tables, and the features built of it, made once."""

from pathlib import Path

import pandas as pd
import pytest

from train.data.tables import open_tables
from train.features import build
from train.sample.generate import generate


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the seven tables, some 600 clients."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, 0.002, "parquet", 0, 1)
    return folder


@pytest.fixture(scope="session")
def built(sample: Path) -> pd.DataFrame:
    """The features of the sample on DuckDB, by client."""
    table = build(open_tables(sample, threads=2), lambda _line: None)
    return table.to_pyarrow().to_pandas().set_index("SK_ID_CURR")
