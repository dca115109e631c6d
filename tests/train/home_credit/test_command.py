"""`python -m train.features` writes the table alone."""

from pathlib import Path

import pandas as pd
import pytest

from train.features import main


def test_the_table_is_written_whole_and_progress_is_told(
    sample: Path, built: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "features.parquet"
    options = ["--data", str(sample), "--memory", "1GB", "--threads", "1"]
    assert main([*options, "--out", str(out)]) == 0
    told = capsys.readouterr().err
    for table in ("bureau", "previous_application", "installments_payments"):
        assert f"{table}: " in told
    names = {path.name for path in out.parent.iterdir()}
    assert names == {"features.parquet", "features.parquet.GENERATED.txt"}
    written = pd.read_parquet(out).set_index("SK_ID_CURR")
    pd.testing.assert_frame_equal(written, built, rtol=1e-12)


def test_a_table_of_clients_to_score_has_no_target(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "features.parquet"
    table = ["--table", "application_test"]
    assert main(["--data", str(sample), "--out", str(out), *table]) == 0
    written = pd.read_parquet(out)
    assert "TARGET" not in written
    assert "BUREAU_COUNT" in written


def test_csv_gives_the_same_table_as_parquet(
    sample: Path, built: pd.DataFrame, tmp_path: Path
) -> None:
    for path in sample.glob("*.parquet"):
        pd.read_parquet(path).to_csv(tmp_path / f"{path.stem}.csv", index=False)
    out = tmp_path / "features.parquet"
    assert main(["--data", str(tmp_path), "--out", str(out)]) == 0
    written = pd.read_parquet(out).set_index("SK_ID_CURR")
    pd.testing.assert_frame_equal(written, built, rtol=1e-12)


def test_what_the_user_can_mend_is_one_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "nowhere"), "--out", "x.parquet"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("features: ")
    assert told.count("\n") == 1


def test_a_broken_value_in_a_history_table_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "application_train.csv").write_text("SK_ID_CURR,TARGET\n1,0\n2,1\n")
    text = "SK_ID_CURR,SK_ID_PREV,MONTHS_BALANCE,AMT_BALANCE\n1,3,-1,4.5\n1,3,-2,much\n"
    (tmp_path / "credit_card_balance.csv").write_text(text)
    out = tmp_path / "out" / "features.parquet"
    assert main(["--data", str(tmp_path), "--out", str(out)]) == 2
    assert "features: cannot read credit_card_balance: line 3: " in capsys.readouterr().err
    assert not out.exists()
