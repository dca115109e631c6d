"""Every history feature is what a plain pandas computation says it is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pandas_reference as reference
import pytest
from ibis import _

from train.data.tables import open_tables
from train.features import across, build
from train.features.build import ACROSS, DECLARED, FAMILIES
from train.features.family import DECIMALS, Family, declared

REFERENCES: dict[str, Callable[[Path], list[reference.Reference]]] = {
    "BUREAU": reference.bureau,
    "PREV": reference.previous,
    "INSTAL": reference.instalments,
    "POS": reference.pos,
    "CARD": reference.card,
}


def assert_same(name: str, found: pd.Series, expected: pd.Series) -> None:
    expected = expected.reindex(found.index)
    if name.endswith("COUNT") or "_COUNT_" in name:
        expected = expected.fillna(0)
    found, expected = found.to_numpy(float), expected.to_numpy(float)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=0.6 * 10**-DECIMALS, err_msg=name)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.prefix)
def test_every_aggregate_equals_pandas(family: Family, sample: Path, built: pd.DataFrame) -> None:
    references = REFERENCES[family.prefix](sample)
    names = [f.name for p in family.passes for f in declared(family.prefix, p)]
    assert len(names) == len(set(names)) > 40
    for name in names:
        found = (r.compute(name) for r in references if name.startswith(f"{r.prefix}_"))
        expected = next((values for values in found if values is not None), None)
        assert expected is not None, f"no reference for {name}"
        assert_same(name, built[name], expected)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.prefix)
def test_a_ratio_is_missing_where_its_base_is_zero(family: Family, built: pd.DataFrame) -> None:
    for name, (one, other) in family.ratios.items():
        base = built[other].where(built[other] != 0)
        assert_same(name, built[name], built[one] / base)


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


def test_the_application_is_held_against_history(built: pd.DataFrame) -> None:
    nothing = pd.Series(0.0, index=built.index)
    income = built.AMT_INCOME_TOTAL
    annuities = built.BUREAU_ACTIVE_ANNUITY_SUM.fillna(0) + built.PREV_RUNNING_ANNUITY_SUM.fillna(0)
    credits = built.BUREAU_ACTIVE_CREDIT_SUM.fillna(0)
    running = built.PREV_RUNNING_CREDIT_SUM.fillna(nothing)
    term = built.AMT_CREDIT / built.AMT_ANNUITY
    expected = {
        "ANNUITIES_TO_INCOME": (built.AMT_ANNUITY + annuities) / income,
        "ACTIVE_CREDIT_TO_INCOME": (credits + running) / income,
        "ACTIVE_DEBT_TO_INCOME": built.BUREAU_ACTIVE_DEBT_SUM.fillna(0) / income,
        "ALL_CREDIT_TO_INCOME": (built.AMT_CREDIT + credits + running) / income,
        "CREDIT_TO_ACTIVE_CREDIT": _over(built.AMT_CREDIT, built.BUREAU_ACTIVE_CREDIT_SUM),
        "CREDIT_TO_BUREAU_CREDIT_MEAN": _over(built.AMT_CREDIT, built.BUREAU_CREDIT_MEAN),
        "CREDIT_TO_BUREAU_CREDIT_MAX": _over(built.AMT_CREDIT, built.BUREAU_CREDIT_MAX),
        "CREDIT_TO_APPROVED_MEAN": _over(built.AMT_CREDIT, built.PREV_APPROVED_CREDIT_MEAN),
        "CREDIT_TO_APPROVED_MAX": _over(built.AMT_CREDIT, built.PREV_APPROVED_CREDIT_MAX),
        "ANNUITY_TO_APPROVED_MEAN": _over(built.AMT_ANNUITY, built.PREV_APPROVED_ANNUITY_MEAN),
        "ANNUITY_TO_APPROVED_MAX": _over(built.AMT_ANNUITY, built.PREV_APPROVED_ANNUITY_MAX),
        "CREDIT_TO_REFUSED_MEAN": _over(built.AMT_CREDIT, built.PREV_REFUSED_CREDIT_MEAN),
        "TERM_TO_APPROVED_MEAN": _over(term, built.PREV_APPROVED_TERM_MEAN),
        "ANNUITY_TO_INSTALMENT_MEAN": _over(built.AMT_ANNUITY, built.INSTAL_AMT_INSTALMENT_MEAN),
        "ANNUITY_TO_INSTALMENT_MAX": _over(built.AMT_ANNUITY, built.INSTAL_AMT_INSTALMENT_MAX),
        "PAID_360D_TO_INCOME": built.INSTAL_AMT_PAYMENT_SUM_360D / income,
        "CARD_BALANCE_TO_INCOME": built.CARD_BALANCE_MEAN_2M / income,
        "CARD_LIMIT_TO_INCOME": built.CARD_LIMIT_MEAN / income,
        "SHORTFALL_TO_INCOME": built.INSTAL_SHORTFALL_SUM / income,
    }
    assert {*expected} == {*across.FEATURES}
    for name, values in zip(expected, expected.values(), strict=True):
        assert f"ACROSS_{name}" in ACROSS
        assert_same(name, built[f"ACROSS_{name}"], values)


def _over(amount: pd.Series, base: pd.Series) -> pd.Series:
    return amount / base.where(base != 0)
