"""`python -m train.score --engine spark` says what scoring here says, to the bit."""

import json
import os

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tests.trained import GERMAN
from train.score.__main__ import main

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A session on this machine only, without a page of its own, that does little at once."""
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def clients():
    """Two hundred past clients named by a number each, with every tenth value missing."""
    frame = pd.read_csv(GERMAN).drop(columns="class").head(200)
    for position, column in enumerate(frame.columns):
        frame[column] = frame[column].mask(frame.index % 10 == position % 10)
    frame.insert(0, "row", 9_000 - 7 * frame.index)
    return frame


@pytest.fixture
def score(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def scored(data, out, *options):
        common = ("--model", str(trained.export), "--threads", "1")
        return main(["--data", str(data), "--out", out, *common, *options])

    return scored


@pytest.mark.usefixtures("spark")
def test_answers_are_those_of_one_machine_to_the_bit(score, clients):
    clients.to_parquet("clients.parquet")
    assert score("clients.parquet", "here.parquet", "--reasons", "2") == 0
    on_spark = ("--engine", "spark", "--reasons", "2")
    assert score("clients.parquet", "there.parquet", *on_spark) == 0
    assert os.path.isdir("there.parquet")
    here, there = pd.read_parquet("here.parquet"), pd.read_parquet("there.parquet")
    there = there.sort_values("row", ascending=False, ignore_index=True)
    pd.testing.assert_frame_equal(there, here, check_exact=True)


@pytest.mark.usefixtures("spark")
def test_csv_in_and_out_are_those_of_one_machine_too(score, clients):
    clients.to_csv("clients.csv", index=False)
    for engine in ("duckdb", "spark"):
        options = ("--engine", engine, "--threshold", "0.5", "--reasons", "1")
        assert score("clients.csv", f"{engine}.csv", *options) == 0
    here = pd.read_csv("duckdb.csv", float_precision="round_trip")
    (part,) = (name for name in os.listdir("spark.csv") if name.endswith(".csv"))
    there = pd.read_csv(f"spark.csv/{part}", float_precision="round_trip")
    pd.testing.assert_frame_equal(there, here, check_exact=True)
    assert all(len(json.loads(text)) <= 1 for text in there["reasons"])


@pytest.mark.usefixtures("spark")
def test_what_cannot_be_scored_is_one_line_and_leaves_nothing(score, clients, capsys):
    clients.drop(columns="row").to_parquet("x.parquet")
    assert score("x.parquet", "out.parquet", "--engine", "spark") == 2
    assert "x on Spark needs a column row" in capsys.readouterr().err
    clients.assign(row=clients["row"].mask(clients.index == 7)).to_parquet("x.parquet")
    assert score("x.parquet", "out.parquet", "--engine", "spark") == 2
    assert "a row of x has no row" in capsys.readouterr().err
    clients.assign(age="old").to_parquet("x.parquet")
    assert score("x.parquet", "out.parquet", "--engine", "spark") == 2
    assert "column age of x holds a value that is not a number" in capsys.readouterr().err
    assert os.listdir() == ["x.parquet"]
