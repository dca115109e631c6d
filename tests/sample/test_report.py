"""The report on generated tables against the published figures."""

import shutil

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sample.report import main, report


def measures(text):
    """The cells of the worst measures: table, column, measure, published, found, gap."""
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def sizes(text):
    return [float(row[-1].rstrip(" |")) for row in measures(text)]


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
    assert len(sizes(out.read_text())) == 12
    assert sizes(out.read_text()) == sorted(sizes(out.read_text()), reverse=True)


def test_it_is_the_same_for_csv_and_parquet(small, small_csv):
    assert report(small_csv, 30) == report(small, 30)


def test_it_says_how_many_aggregates_are_near(small):
    summary = report(small, 1).splitlines()[0]
    assert summary.startswith("Of 797 published aggregates per client, mean and quartiles of ")
    assert "Not covered" not in summary


def test_a_damaged_column_is_the_worst_and_so_are_its_aggregates(small, tmp_path):
    folder = damaged(
        small, tmp_path, "previous_application", "HOUR_APPR_PROCESS_START", hundredfold
    )
    worst = measures(report(folder, 36))
    assert all("HOUR_APPR_PROCESS_START" in row[1] for row in worst)
    assert "REFUSED_HOUR_APPR_PROCESS_START_MEAN" in {row[1] for row in worst}


def hundredfold(column):
    return pc.multiply(column, 100)


def test_a_column_without_any_value_comes_first(small, tmp_path):
    folder = damaged(small, tmp_path, "POS_CASH_balance", "SK_DPD", emptied)
    rows = measures(report(folder, 12))
    assert all("SK_DPD" in row[1] for row in rows)
    assert "POS_SK_DPD_MEAN" in {row[1] for row in rows}


def emptied(column):
    return pa.nulls(len(column), column.type)


def test_the_aggregates_can_be_left_out(small, capsys):
    assert main(["--data", str(small), "--no-aggregates", "--top", "5000"]) == 0
    told = capsys.readouterr()
    assert "per client |" not in told.out.replace("rows per client", "")
    assert "aggregates" not in told.err


def test_progress_is_told_apart_from_the_report(small, capsys):
    assert main(["--data", str(small), "--top", "1"]) == 0
    told = capsys.readouterr()
    assert "189 aggregates PREV_ of previous_application\n" in told.err
    assert "aggregates PREV_" not in told.out


def test_a_folder_without_tables_is_one_line_and_exit_code_2(tmp_path, capsys):
    assert main(["--data", str(tmp_path)]) == 2
    assert "application_train" in capsys.readouterr().err


def test_a_memory_limit_that_is_none_is_one_line_and_exit_code_2(small, capsys):
    assert main(["--data", str(small), "--memory", "much"]) == 2
    assert "--memory much" in capsys.readouterr().err


def test_a_file_that_is_no_table_is_one_line_and_exit_code_2(small, tmp_path, capsys):
    shutil.copytree(small, tmp_path / "broken")
    (tmp_path / "broken" / "bureau.parquet").write_text("not Parquet")
    assert main(["--data", str(tmp_path / "broken"), "--no-aggregates"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"cannot read {tmp_path / 'broken'}: ")
