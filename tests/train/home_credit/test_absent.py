"""What is not there is left out with one line, and the rest is built."""

from pathlib import Path

import pandas as pd
import pytest

from train.home_credit.build import build, history_columns
from train.home_credit.history import FAMILIES
from train.home_credit.tables import open_tables

CLIENTS = pd.DataFrame(
    {"SK_ID_CURR": [2, 1, 3], "TARGET": [0, 1, 0], "AMT_CREDIT": [9.0, 8.0, 7.0]}
)
CARD = pd.DataFrame(
    {
        "SK_ID_PREV": [10, 10, 11],
        "SK_ID_CURR": [1, 1, 2],
        "MONTHS_BALANCE": [-1, -2, -30],
        "AMT_BALANCE": [100.0, 300.0, None],
        "AMT_CREDIT_LIMIT_ACTUAL": [1000, 0, 500],
        "SK_DPD_DEF": [0, 5, 0],
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    CLIENTS.to_parquet(tmp_path / "application_train.parquet")
    return tmp_path


def make(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    lines: list[str] = []
    table = build(open_tables(folder, threads=1), lines.append)
    return table.to_pyarrow().to_pandas(), lines


def test_absent_tables_are_named_one_by_one(folder: Path) -> None:
    made, lines = make(folder)
    assert [*made.columns] == ["SK_ID_CURR", "TARGET", "AMT_CREDIT"]
    assert history_columns(made.columns) == ()
    absent = [line for line in lines if line.endswith(": absent, its features are left out")]
    assert [line.split(":")[0] for line in absent] == [
        "bureau",
        "bureau_balance",
        "previous_application",
        "installments_payments",
        "POS_CASH_balance",
        "credit_card_balance",
    ]


def test_an_empty_table_is_left_out(folder: Path) -> None:
    CARD.head(0).to_parquet(folder / "credit_card_balance.parquet")
    made, lines = make(folder)
    assert history_columns(made.columns) == ()
    assert "credit_card_balance: empty, its features are left out" in lines


def test_features_of_a_missing_column_are_left_out_and_the_others_built(folder: Path) -> None:
    CARD.to_parquet(folder / "credit_card_balance.parquet")
    made, lines = make(folder)
    line = next(line for line in lines if line.startswith("credit_card_balance: no column"))
    assert "AMT_DRAWINGS_CURRENT" in line
    assert "SK_DPD_DEF" not in line
    assert "CARD_DRAWINGS_MEAN" not in made
    first = made.set_index("SK_ID_CURR").loc[1]
    assert first.CARD_COUNT == 2
    assert first.CARD_BALANCE_MEAN == 200
    assert first.CARD_UTILISATION_MEAN == 0.1  # a limit of 0 has no utilisation
    assert first.CARD_LATE_MONTH_MAX == -2


def test_a_client_without_rows_or_values_has_missing_aggregates(folder: Path) -> None:
    CARD.to_parquet(folder / "credit_card_balance.parquet")
    made = make(folder)[0].set_index("SK_ID_CURR")
    assert made.CARD_COUNT.to_dict() == {1: 2, 2: 1, 3: 0}
    assert made.CARD_BALANCE_MEAN.isna().to_dict() == {1: False, 2: True, 3: True}
    assert made.CARD_BALANCE_MEAN_2M.isna().to_dict() == {1: False, 2: True, 3: True}


def test_without_bureau_balance_the_rest_of_the_bureau_is_built(
    sample: Path, tmp_path: Path
) -> None:
    for name in ("application_train", "bureau"):
        (tmp_path / f"{name}.parquet").symlink_to(sample / f"{name}.parquet")
    made, lines = make(tmp_path)
    names = {*history_columns(made.columns)}
    assert {"BUREAU_CREDIT_SUM", "BUREAU_CREDIT_LAST1"} <= names
    assert not any("MONTHS" in name or "STATUS_" in name for name in names)
    assert any(line.endswith("history features are left out") for line in lines)


def test_bureau_balance_of_unknown_credits_counts_for_nobody(sample: Path, tmp_path: Path) -> None:
    for name in ("application_train", "bureau"):
        (tmp_path / f"{name}.parquet").symlink_to(sample / f"{name}.parquet")
    orphan = pd.DataFrame({"SK_ID_BUREAU": [1], "MONTHS_BALANCE": [0], "STATUS": ["5"]})
    orphan.to_parquet(tmp_path / "bureau_balance.parquet")
    made, _ = make(tmp_path)
    assert made.BUREAU_WORST_STATUS_MAX.isna().all()


def test_counts_start_their_table_prefix() -> None:
    for family in FAMILIES:
        assert all(name.startswith(f"{family.prefix}_") for name in family.features())


def test_another_data_set_passes_through(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text("age,bad\n30,no\n40,yes\n")
    tables = open_tables(path, target="bad", positive="yes", threads=1)
    made = build(tables, lambda _line: None).to_pyarrow().to_pydict()
    assert made == {"row": [0, 1], "bad": [0, 1], "age": [30, 40]}
