"""Opening what --data names: what is read, and the one line said of what cannot be."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from train import errors
from train.data.tables import Tables
from train.home_credit.tables import open_tables

CLIENTS = "SK_ID_CURR,TARGET,CODE_GENDER,AMT_CREDIT\n1,0,F,45000.5\n2,1,M,\n"
GERMAN = "age,purpose,class\n67,radio,good\n22,car,bad\n"


def folder(path: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text)
    return path


def rows(tables: Tables) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables.application.to_pyarrow().to_pylist()
    return found


def test_a_folder_gives_its_tables(tmp_path: Path) -> None:
    text = "SK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5,0,C\n"
    tables = open_tables(folder(tmp_path, application_train=CLIENTS, bureau_balance=text))
    assert rows(tables)[0] == {
        "SK_ID_CURR": 1,
        "TARGET": 0,
        "CODE_GENDER": "F",
        "AMT_CREDIT": 45000.5,
    }
    assert (tables.id, tables.target, tables.home_credit) == ("SK_ID_CURR", "TARGET", True)
    assert [*tables.history] == ["bureau_balance"]


def test_csv_columns_have_their_published_type_however_many_values_are_missing(
    tmp_path: Path,
) -> None:
    bureau = "SK_ID_CURR,AMT_ANNUITY,CREDIT_TYPE\n" + "1,,\n" * 30_000 + "1,4.5,7\n"
    tables = open_tables(folder(tmp_path, application_train=CLIENTS, bureau=bureau))
    types = {name: str(type) for name, type in tables.history["bureau"].schema().items()}
    assert types == {"SK_ID_CURR": "int64", "AMT_ANNUITY": "float64", "CREDIT_TYPE": "string"}


def test_an_unpublished_csv_column_has_the_type_of_all_its_rows(tmp_path: Path) -> None:
    lines = "".join(f"{i},0,1\n" for i in range(30_000))
    text = f"SK_ID_CURR,TARGET,score\n{lines}30000,1,1.5\n30001,1,\n"
    tables = open_tables(folder(tmp_path, application_train=text))
    assert str(tables.application.score.type()) == "float64"


def test_a_parquet_table_may_be_a_folder_of_parts_and_goes_before_csv(tmp_path: Path) -> None:
    parts = tmp_path / "application_train.parquet"
    parts.mkdir()
    for number in (1, 2):
        frame = pd.DataFrame({"SK_ID_CURR": [number], "TARGET": [number - 1]})
        frame.to_parquet(parts / f"part-{number}.parquet")
    folder(tmp_path, application_train=CLIENTS)
    assert len(rows(open_tables(tmp_path))) == 2
    assert open_tables(tmp_path).application.columns == ("SK_ID_CURR", "TARGET")


def test_clients_to_score_need_no_target(tmp_path: Path) -> None:
    folder(tmp_path, application_test="SK_ID_CURR,AMT_CREDIT\n7,45000\n")
    tables = open_tables(tmp_path, application="application_test")
    assert tables.target is None
    assert rows(tables) == [{"SK_ID_CURR": 7, "AMT_CREDIT": 45000.0}]


def test_a_file_without_an_id_has_its_rows_numbered_in_order(tmp_path: Path) -> None:
    path = folder(tmp_path, german=GERMAN) / "german.csv"
    tables = open_tables(path, target="class", positive="bad")
    assert (tables.id, tables.target, tables.home_credit) == ("row", "class", False)
    assert [(r["row"], r["age"], r["class"]) for r in rows(tables)] == [(0, 67, 0), (1, 22, 1)]


def test_the_numbers_of_rows_do_not_replace_a_column(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("row,bad\n9,0\n8,1\n")
    tables = open_tables(tmp_path / "x.csv", target="bad")
    assert tables.id == "row_"
    assert [r["row"] for r in rows(tables)] == [9, 8]


def test_a_single_application_file_is_known_by_its_columns(tmp_path: Path) -> None:
    path = folder(tmp_path, clients=CLIENTS) / "clients.csv"
    tables = open_tables(path)
    assert (tables.id, tables.target, tables.home_credit) == ("SK_ID_CURR", "TARGET", True)
    assert tables.history == {}


@pytest.mark.parametrize(
    ("values", "positive", "expected"),
    [
        ([0, 1, 1], None, [0, 1, 1]),
        ([0.0, 1.0, 0.0], None, [0, 1, 0]),
        ([True, False, True], None, [1, 0, 1]),
        (["0", "1", "0"], None, [0, 1, 0]),
        (["good", "bad", "bad"], "bad", [0, 1, 1]),
        ([1, 2, 2], "2", [0, 1, 1]),
        ([0, 1, 1], "0", [1, 0, 0]),
        ([True, False, True], "false", [0, 1, 0]),
    ],
)
def test_the_target_becomes_0_and_1(
    tmp_path: Path, values: list[Any], positive: str | None, expected: list[int]
) -> None:
    path = tmp_path / "x.parquet"
    pd.DataFrame({"id": [1, 2, 3], "y": values}).to_parquet(path)
    tables = open_tables(path, id="id", target="y", positive=positive)
    assert [r["y"] for r in rows(tables)] == expected
    assert str(tables.application.y.type()) == "int64"


def refused(error: type[errors.TrainError], path: Path, **options: Any) -> str:
    with pytest.raises(error) as raised:
        open_tables(path, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert "nowhere does not exist" in refused(errors.MissingPath, tmp_path / "nowhere")


def test_a_folder_without_applications(tmp_path: Path) -> None:
    folder(tmp_path, bureau="SK_ID_CURR\n1\n")
    assert "holds no application_train" in refused(errors.MissingTable, tmp_path)


def test_a_file_of_another_format(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("")
    assert "neither a CSV" in refused(errors.TrainError, tmp_path / "x.xlsx")


def test_a_file_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "application_train.parquet").write_text("no Parquet at all")
    assert refused(errors.UnreadableTable, tmp_path).startswith("cannot read application_train: ")


@pytest.mark.parametrize("text", ["SK_ID_CURR,TARGET\n", "a,b\n"])
def test_a_table_without_rows(tmp_path: Path, text: str) -> None:
    folder(tmp_path, application_train=text)
    assert refused(errors.EmptyTable, tmp_path) == "application_train has no rows"


def test_missing_id_and_target_columns(tmp_path: Path) -> None:
    path = folder(tmp_path, german=GERMAN) / "german.csv"
    told = refused(errors.MissingColumn, path, target="class", id="ID")
    assert told == "german has no column ID (it has age, purpose, class)"
    assert "no column outcome" in refused(errors.MissingColumn, path, target="outcome")


@pytest.mark.parametrize("values", ["0,0", "0,1,2", "0,1,2,3,4,5,6,7,8"])
def test_a_target_without_exactly_two_values(tmp_path: Path, values: str) -> None:
    lines = "\n".join(f"{i},{v}" for i, v in enumerate(values.split(",")))
    folder(tmp_path, application_train=f"SK_ID_CURR,TARGET\n{lines}\n")
    told = refused(errors.TrainError, tmp_path)
    shown = "0, 1, 2, 3, 4, 5, ..." if "8" in values else ", ".join(sorted({*values.split(",")}))
    assert told.startswith("application_train.TARGET must have exactly two values, it has ")
    assert told.endswith(f"({shown})")


def test_a_target_that_is_missing_in_some_rows(tmp_path: Path) -> None:
    folder(tmp_path, application_train="SK_ID_CURR,TARGET\n1,0\n2,\n3,1\n")
    told = refused(errors.MissingValues, tmp_path)
    assert told == "application_train.TARGET is missing in 1 row; it must be known in all"


@pytest.mark.parametrize("positive", [None, "ugly"])
def test_a_target_of_words_needs_to_know_which_is_which(
    tmp_path: Path, positive: str | None
) -> None:
    path = folder(tmp_path, german=GERMAN) / "german.csv"
    told = refused(errors.TrainError, path, target="class", positive=positive)
    assert "class has the values bad, good" in told


def test_ids_that_occur_twice_are_counted_and_shown(tmp_path: Path) -> None:
    folder(tmp_path, application_train="SK_ID_CURR,TARGET\n5,0\n5,1\n7,1\n7,1\n9,0\n")
    told = refused(errors.TrainError, tmp_path)
    assert told.endswith("must name each client once: 2 ids occur more than once (5, 7)")


def test_a_known_parquet_column_of_another_type(tmp_path: Path) -> None:
    frame = pa.table({"SK_ID_CURR": [1, 2], "TARGET": [0, 1], "AMT_CREDIT": ["a", "b"]})
    pq.write_table(frame, tmp_path / "application_train.parquet")
    told = refused(errors.TrainError, tmp_path)
    assert told == "application_train.AMT_CREDIT should hold numbers but holds string"


def test_a_csv_value_of_another_type_is_named_with_its_line(tmp_path: Path) -> None:
    text = "SK_ID_CURR,TARGET,AMT_CREDIT\n1,0,4.5\n2,1,abc\n"
    told = refused(errors.UnreadableTable, folder(tmp_path, application_train=text))
    assert told.startswith("cannot read application_train: line 3: ")
    assert "AMT_CREDIT" in told
    assert "abc" in told


@pytest.mark.parametrize("options", [{"memory": "plenty"}, {"threads": -1}])
def test_a_setting_that_the_engine_refuses(tmp_path: Path, options: dict[str, Any]) -> None:
    refused(errors.TrainError, folder(tmp_path, application_train=CLIENTS), **options)
