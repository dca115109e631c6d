"""Every history feature is what an independent computation in pandas says it is."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ibis import _

from tests.train.oracle import features
from train.home_credit.build import ACROSS, DECLARED, build
from train.home_credit.family import DECIMALS
from train.home_credit.history import FAMILIES
from train.home_credit.tables import open_tables

NAMES = {family.prefix: family.features() for family in FAMILIES} | {"ACROSS": ACROSS}


@pytest.fixture(scope="session")
def in_pandas(sample: Path) -> pd.DataFrame:
    """The same table by tests.train.oracle, which the project is timed against too."""
    return features(sample)


def test_pandas_makes_the_same_columns(built: pd.DataFrame, in_pandas: pd.DataFrame) -> None:
    assert {*in_pandas.columns} == {*built.columns}
    assert in_pandas.columns.is_unique
    assert len(DECLARED) == 510


@pytest.mark.parametrize("prefix", NAMES)
def test_every_feature_equals_pandas(
    prefix: str, built: pd.DataFrame, in_pandas: pd.DataFrame
) -> None:
    # What lies halfway between two roundings may go either way: the last bit of a sum decides.
    unit = 1.01 * 10**-DECIMALS
    for name in NAMES[prefix]:
        assert built[name].dtype == in_pandas[name].dtype, name
        np.testing.assert_allclose(
            built[name].to_numpy(float),
            in_pandas[name].reindex(built.index).to_numpy(float),
            rtol=1e-9,
            atol=unit,
            err_msg=name,
        )


def test_every_client_is_there_once_with_the_raw_columns_untouched(
    sample: Path, built: pd.DataFrame
) -> None:
    raw = pd.read_parquet(sample / "application_train.parquet").set_index("SK_ID_CURR")
    assert built.index.is_unique
    assert built.columns[0] == "TARGET"
    pd.testing.assert_frame_equal(
        built[raw.columns].sort_index(), raw.sort_index(), check_dtype=False
    )


def test_a_selection_of_clients_has_their_own_features(sample: Path, built: pd.DataFrame) -> None:
    table = build(open_tables(sample), lambda _line: None)
    some = built[(built.TARGET == 1) & (built.CARD_COUNT > 3)]
    chosen = table.filter(_.TARGET == 1, _.CARD_COUNT > 3).select("SK_ID_CURR", *built.columns)
    found = chosen.to_pyarrow().to_pandas().set_index("SK_ID_CURR")
    assert len(found) > 3
    pd.testing.assert_frame_equal(found.sort_index(), some.sort_index(), rtol=1e-12)


def test_clients_come_sorted_by_id(built: pd.DataFrame) -> None:
    assert built.index.is_monotonic_increasing


def test_a_client_without_rows_has_counts_of_zero_and_all_else_missing(
    sample: Path, built: pd.DataFrame
) -> None:
    for family in FAMILIES:
        rows = pd.read_parquet(sample / f"{family.table}.parquet")
        without = built[~built.index.isin(rows.SK_ID_CURR)]
        assert len(without) > 5
        counts = sorted(family.counts())
        others = [name for name in family.features() if name not in family.counts()]
        assert (without[counts] == 0).all(axis=None)
        assert without[others].isna().all(axis=None)


def test_all_that_is_declared_is_built_and_nothing_else(sample: Path, built: pd.DataFrame) -> None:
    raw = pd.read_parquet(sample / "application_train.parquet").columns
    assert {*built.columns} - {*raw} == DECLARED


def test_nothing_is_declared_in_vain() -> None:
    """A column, subset or window that no line uses is dead."""
    for family in FAMILIES:
        for part in ("columns", "subsets", "windows"):
            there = {name for p in family.passes for name in getattr(p, part)}
            lines = [line for p in family.passes for line in p.lines]
            used = {word for line in lines for word in getattr(line, part).split()}
            assert there <= used, f"{family.prefix} {part}"
