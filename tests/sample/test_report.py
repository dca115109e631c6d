"""The report on generated tables against the published figures."""

import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sample.compare import gaps, open_tables
from sample.facts import load
from sample.report import main


def measures(text):
    """The cells of the worst measures: table, column, measure, published, found, gap."""
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def report(capsys, folder, top):
    assert main(["--data", str(folder), "--top", str(top)]) == 0
    return measures(capsys.readouterr().out)


def damaged(folder, tmp_path, table, column, damage):
    """A copy of the folder where one column is not what it was."""
    shutil.copytree(folder, tmp_path / "damaged")
    path = tmp_path / "damaged" / f"{table}.parquet"
    rows = pq.read_table(path)
    place = rows.schema.get_field_index(column)
    pq.write_table(rows.set_column(place, rows.schema.field(column), damage(rows[column])), path)
    return path.parent


def test_measures_are_ranked_by_their_gap(small, tmp_path):
    out = tmp_path / "report.md"
    assert main(["--data", str(small), "--out", str(out), "--top", "12"]) == 0
    sizes = [float(row[-1]) for row in measures(out.read_text())]
    assert len(sizes) == 12
    assert sizes == sorted(sizes, reverse=True)


def test_it_is_the_same_for_csv_and_parquet(small, small_csv, capsys):
    assert report(capsys, small_csv, 30) == report(capsys, small, 30)


def test_aggregates_per_client_are_those_that_pandas_finds(folder, frames):
    facts = load()
    found = {
        (gap.column, gap.measure): gap.found
        for gap in gaps(open_tables(folder, facts), facts)
        if gap.table == "per client"
    }
    bureau, card = frames["bureau"], frames["credit_card_balance"]
    active = bureau[bureau["CREDIT_ACTIVE"] == "Active"]
    expected = {
        "ACTIVE_DAYS_CREDIT_MEAN": active.groupby("SK_ID_CURR")["DAYS_CREDIT"].mean(),
        "BURO_AMT_CREDIT_SUM_SUM": bureau.groupby("SK_ID_CURR")["AMT_CREDIT_SUM"].sum(),
        "CC_AMT_BALANCE_VAR": card.groupby("SK_ID_CURR")["AMT_BALANCE"].var(),
    }
    for name, values in expected.items():
        pd.testing.assert_series_equal(
            pd.Series({m: found[name, m] for m in ("mean", "quarter", "median")}),
            pd.Series(
                [values.mean(), values.quantile(0.25), values.median()],
                index=["mean", "quarter", "median"],
            ),
        )


@pytest.mark.parametrize(
    "damage", [lambda column: pc.multiply(column, 100), lambda c: pa.nulls(len(c), c.type)]
)
def test_a_damaged_column_comes_first_and_so_do_its_aggregates(small, tmp_path, capsys, damage):
    column = "HOUR_APPR_PROCESS_START"
    worst = report(capsys, damaged(small, tmp_path, "previous_application", column, damage), 30)
    assert all(column in row[1] for row in worst)
    assert f"APPROVED_{column}_MEAN" in {row[1] for row in worst}


def test_a_folder_without_tables_is_one_line_and_exit_code_2(tmp_path, capsys):
    assert main(["--data", str(tmp_path)]) == 2
    assert "application_train" in capsys.readouterr().err


def test_a_file_that_is_no_table_is_one_line_and_exit_code_2(small, tmp_path, capsys):
    shutil.copytree(small, tmp_path / "broken")
    (tmp_path / "broken" / "bureau.parquet").write_text("not Parquet")
    assert main(["--data", str(tmp_path / "broken")]) == 2
    assert capsys.readouterr().err.startswith(f"cannot read {tmp_path / 'broken'}: ")
