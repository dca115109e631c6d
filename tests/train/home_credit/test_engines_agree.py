"""DuckDB and Spark make the same table of the same expressions."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from train.errors import TrainError
from train.features import main
from train.home_credit.build import build
from train.home_credit.tables import open_tables


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session on this machine only, without a page of its own, that does little at once."""
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


def test_both_engines_make_the_same_table(
    spark: SparkSession, sample: Path, built: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "features.parquet"
    assert spark.getActiveSession() is spark
    assert main(["--data", str(sample), "--out", str(out), "--engine", "spark"]) == 0
    found = pd.read_parquet(out).set_index("SK_ID_CURR").sort_index()
    expected = built.sort_index()
    assert found.index.equals(expected.index)
    assert [*found.columns] == [*expected.columns]
    for name, values in expected.items():
        assert found[name].dtype == values.dtype, name
        if values.dtype == object:
            pd.testing.assert_series_equal(found[name], values)
        else:
            np.testing.assert_allclose(
                found[name].to_numpy(float),
                values.to_numpy(float),
                rtol=1e-9,
                atol=1e-12,
                err_msg=str(name),
            )


@pytest.mark.usefixtures("spark")
def test_a_few_clients_have_the_same_features_on_spark(
    sample: Path, built: pd.DataFrame, tmp_path: Path
) -> None:
    clients = pd.read_parquet(sample / "application_train.parquet").iloc[::40]
    clients.to_parquet(tmp_path / "application_train.parquet", index=False)
    for name in ("bureau", "bureau_balance", "POS_CASH_balance"):
        (tmp_path / f"{name}.parquet").symlink_to(sample / f"{name}.parquet")
    table = build(open_tables(tmp_path, engine="spark"), lambda _line: None)
    found = table.to_pyarrow().to_pandas().set_index("SK_ID_CURR").sort_index()
    assert 10 < len(found) < 20
    names = [name for name in found.columns if name not in clients and "ACROSS_" not in name]
    assert len(names) > 150
    expected = built.loc[found.index, names]
    pd.testing.assert_frame_equal(found[names], expected, rtol=1e-9, atol=1e-12)


def test_spark_reads_the_same_from_csv_and_from_a_catalogue(
    spark: SparkSession, sample: Path, built: pd.DataFrame, tmp_path: Path
) -> None:
    spark.sql("CREATE DATABASE lender")
    for name in ("application_train", "POS_CASH_balance"):
        path = str(sample / f"{name}.parquet")
        pd.read_parquet(path).to_csv(tmp_path / f"{name}.csv", index=False)
        spark.read.parquet(path).write.saveAsTable(f"lender.{name}")
    for place in (str(tmp_path), tmp_path.as_uri(), "catalog:lender"):
        tables = open_tables(place, engine="spark")
        assert [*tables.history] == ["POS_CASH_balance"]
        wanted = ["POS_COUNT", "POS_DPD_MEAN"]
        table = build(tables, lambda _line: None).select("SK_ID_CURR", "TARGET", *wanted)
        found = table.to_pyarrow().to_pandas().set_index("SK_ID_CURR").sort_index()
        expected = built[["TARGET", *wanted]].sort_index()
        pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-9)


def test_spark_cannot_number_rows_by_itself(spark: SparkSession, tmp_path: Path) -> None:
    assert spark.getActiveSession() is spark
    (tmp_path / "loans.csv").write_text("age,bad\n30,1\n")
    with pytest.raises(TrainError, match="needs an id column: name it with --id"):
        open_tables(tmp_path / "loans.csv", target="bad", engine="spark")


def test_without_pyspark_one_line_says_what_to_install(
    sample: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert main(["--data", str(sample), "--out", "x.parquet", "--engine", "spark"]) == 2
    error = capsys.readouterr().err
    assert error == "features: --engine spark needs PySpark: pip install 'credit-scoring[spark]'\n"
