"""Published CSV files become Parquet of the same tables, once."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from train.convert import main

CLIENTS = 'SK_ID_CURR,TARGET,NAME_TYPE_SUITE,AMT_CREDIT\n1,0,"Spouse, partner",45000\n2,1,,\n'


def test_every_table_there_is_written_with_its_published_types(tmp_path: Path) -> None:
    (tmp_path / "application_train.csv").write_text(CLIENTS)
    (tmp_path / "bureau_balance.csv").write_text("SK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5,-1,0\n")
    out = tmp_path / "parquet"
    assert main(["--data", str(tmp_path), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "application_train.parquet",
        "bureau_balance.parquet",
    ]
    table = pq.read_table(out / "application_train.parquet")
    assert [str(type) for type in table.schema.types] == ["int64", "int64", "string", "double"]
    assert table["NAME_TYPE_SUITE"].to_pylist() == ["Spouse, partner", None]
    assert str(pq.read_schema(out / "bureau_balance.parquet").field("STATUS").type) == "string"


def test_the_sample_is_the_same_in_csv_and_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"SK_ID_CURR": [3, 4], "AMT_BALANCE": [0.1, None], "SK_DPD": [1, 0]})
    frame.to_csv(tmp_path / "credit_card_balance.csv", index=False)
    assert main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 0
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "credit_card_balance.parquet"), frame)


def test_a_broken_table_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5,-1,0\n6,soon,0\n"
    (tmp_path / "bureau_balance.csv").write_text(text)
    out = tmp_path / "parquet"
    assert main(["--data", str(tmp_path), "--out", str(out)]) == 2
    assert "cannot read bureau_balance: line 3: " in capsys.readouterr().err
    assert [*out.iterdir()] == []


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_without_tables_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: bool
) -> None:
    data = tmp_path if made else tmp_path / "nowhere"
    assert main(["--data", str(data), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("convert: ")
