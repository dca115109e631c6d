"""Of a long history only the rows of the clients asked for are used."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from train.data.tables import Tables
from train.home_credit.build import build
from train.home_credit.schema import HISTORY
from train.home_credit.tables import open_tables, rows_of_clients


def folder_of(ids: list[int], sample: Path, folder: Path) -> Path:
    """The sample's history with these clients."""
    clients = pq.read_table(sample / "application_train.parquet")
    wanted = pc.is_in(clients["SK_ID_CURR"], pa.array(ids))
    pq.write_table(clients.filter(wanted), folder / "application_train.parquet")
    for name in HISTORY:
        (folder / f"{name}.parquet").symlink_to(sample / f"{name}.parquet")
    return folder


def made(tables: Tables) -> pd.DataFrame:
    table = build(tables, lambda _line: None)
    return table.to_pyarrow().to_pandas().set_index("SK_ID_CURR")


@pytest.fixture
def few(sample: Path, tmp_path: Path, built: pd.DataFrame) -> Tables:
    """Every fortieth client."""
    return open_tables(folder_of([*built.index[::40]], sample, tmp_path), threads=1)


def test_they_have_the_features_that_they_have_among_all(few: Tables, built: pd.DataFrame) -> None:
    found = made(few)
    assert 10 < len(found) < 20
    pd.testing.assert_frame_equal(found, built.loc[found.index], rtol=1e-12)


@pytest.mark.parametrize("name", [name for name in HISTORY if name != "bureau_balance"])
def test_rows_of_other_clients_are_left_out(name: str, few: Tables, sample: Path) -> None:
    ids = few.application.to_pyarrow().to_pandas().SK_ID_CURR
    rows = pd.read_parquet(sample / f"{name}.parquet")
    found = rows_of_clients(few, name).to_pyarrow()
    assert found.column_names == [*rows.columns]
    assert found.num_rows == rows.SK_ID_CURR.isin(ids).sum() < len(rows) / 10


def test_months_of_other_clients_credits_are_left_out(few: Tables, sample: Path) -> None:
    ids = few.application.to_pyarrow().to_pandas().SK_ID_CURR
    bureau = pd.read_parquet(sample / "bureau.parquet")
    months = pd.read_parquet(sample / "bureau_balance.parquet")
    theirs = months.SK_ID_BUREAU.isin(bureau.SK_ID_BUREAU[bureau.SK_ID_CURR.isin(ids)])
    found = rows_of_clients(few, "bureau_balance").to_pyarrow()
    assert found.num_rows == theirs.sum() < len(months) / 10


def test_clients_of_whom_none_has_rows_have_every_column(
    sample: Path, tmp_path: Path, built: pd.DataFrame
) -> None:
    without = built[(built.CARD_COUNT == 0) & (built.BUREAU_COUNT == 0)]
    ids = [*without.groupby("TARGET").head(2).index]
    found = made(open_tables(folder_of(ids, sample, tmp_path), threads=1))
    assert len(found) == 4
    assert (found.CARD_COUNT == 0).all()
    pd.testing.assert_frame_equal(found, built.loc[found.index], rtol=1e-12)
