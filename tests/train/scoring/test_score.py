"""`python -m train.score`: a file or a folder of clients in, decisions by a real model out."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import mlflow
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.trained import GERMAN
from train import score as command
from train.data.sources import of_file
from train.options import Scoring
from train.registry.loaded_model import fetch
from train.score import main
from train.scoring.clients import csv_kinds, open_clients

THRESHOLD = 0.5


@pytest.fixture(scope="module")
def clients():
    """A thousand past clients named by a number each, with every tenth value missing."""
    frame = pd.read_csv(GERMAN).drop(columns="class")
    for position, column in enumerate(frame.columns):
        frame[column] = frame[column].mask(frame.index % 10 == position % 10)
    frame.insert(0, "row", 9_000 - 7 * frame.index)
    return frame


@pytest.fixture(scope="module")
def model(trained):
    return mlflow.pyfunc.load_model(str(trained.export))


@pytest.fixture(scope="module")
def expected(model, clients):
    """What the model answers when it is asked directly."""
    return model.predict(clients)


@pytest.fixture
def score(trained, tmp_path, monkeypatch):
    """Scores a file in `tmp_path` with the exported model; gives the path of the answers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def scored(data, out, *options):
        common = ("--threads", "1")
        if "--model" not in options:
            common += ("--model", str(trained.export))
        assert main(["--data", str(data), "--out", out, *common, *options]) == 0
        return tmp_path / out

    return scored


@pytest.fixture
def refused(trained, tmp_path, monkeypatch, capsys):
    """The one line that is said of what cannot be scored; there is then nothing at --out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def said(data, *options, out="scores.parquet"):
        before = sorted(os.listdir(tmp_path))
        common = ("--threads", "1")
        if "--model" not in options:
            common += ("--model", str(trained.export))
        assert main(["--data", str(data), "--out", out, *common, *options]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert [line for line in lines if line.startswith("score: ")] == lines[-1:]
        assert sorted(os.listdir(tmp_path)) == before
        return lines[-1].removeprefix("score: ")

    return said


def exactly(path):
    return pd.read_csv(path, float_precision="round_trip")


def same(found, expected):
    """Whether ids, scores and decisions are the expected ones, to the bit and in this order."""
    columns = ["row", "solvency", "threshold", "decision"]
    pd.testing.assert_frame_equal(found[columns], expected[columns], check_exact=True)


def test_parquet_in_and_out_is_what_the_model_says_to_the_bit(score, clients, expected, trained):
    clients.to_parquet("clients.parquet")
    found = pd.read_parquet(score("clients.parquet", "scores.parquet"))
    same(found, expected)
    assert [*found.columns] == [*expected.columns, "model_version"]
    assert {*found["model_version"]} == {mlflow.models.Model.load(str(trained.export)).model_id}


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_csv_in_and_out_is_what_the_model_says_to_the_bit(score, clients, expected, ending):
    clients.to_csv(f"clients.{ending}", index=False)
    same(exactly(score(f"clients.{ending}", f"scores.{ending}")), expected)


def test_the_rows_of_a_file_without_ids_are_numbered(score, clients, expected):
    found = exactly(score(GERMAN, "scores.csv"))
    assert [*found["row"]] == [*range(1000)]
    clients.drop(columns="row").to_parquet("clients.parquet")
    found = pd.read_parquet(score("clients.parquet", "scores.parquet"))
    same(found, expected.assign(row=range(1000)))


def test_the_order_of_columns_and_further_columns_do_not_matter(score, clients, expected):
    turned = clients[clients.columns[::-1]].assign(further="no number")
    turned.to_csv("clients.csv", index=False)
    same(exactly(score("clients.csv", "scores.csv")), expected)


def test_a_folder_of_parts_is_one_file(score, clients, expected):
    os.mkdir("clients.parquet")
    for part in range(2):
        clients[part * 500 : (part + 1) * 500].to_parquet(f"clients.parquet/{part}.parquet")
    same(pd.read_parquet(score("clients.parquet", "scores.parquet")), expected)


def test_categories_in_csv_may_be_positions_or_names(score, trained, clients, expected):
    contract = fetch(str(trained.export), trained.folder).contract
    coded = clients.copy()
    for feature in contract.features:
        if feature.kind == "category":
            positions = {name: code for code, name in enumerate(feature.categories)}
            coded[feature.name] = coded[feature.name].map(positions).astype("Int64")
    coded.to_csv("clients.csv", index=False)
    kinds = csv_kinds(of_file(Path("clients.csv")), contract)
    assert {kinds[name] for name in contract.columns} == {"integer", "number"}
    same(exactly(score("clients.csv", "scores.csv")), expected)


def test_the_threshold_can_be_another(score, clients):
    clients.to_parquet("clients.parquet")
    found = pd.read_parquet(score("clients.parquet", "s.parquet", "--threshold", "0.5"))
    assert {*found["threshold"]} == {THRESHOLD}
    assert [*(found["solvency"] >= THRESHOLD)] == [*(found["decision"] == "Yes")]


@pytest.mark.parametrize("out", ["scores.csv", "scores.parquet"])
def test_reasons_are_the_models_own_as_json(score, model, clients, out):
    clients.head(20).to_parquet("clients.parquet")
    path = score("clients.parquet", out, "--reasons", "2")
    found = exactly(path) if out.endswith("csv") else pd.read_parquet(path)
    expected = model.predict(clients.head(20), params={"reasons": 2})
    assert [json.loads(text) for text in found["reasons"]] == expected["reasons"].tolist()
    assert [*found.columns][-2:] == ["reasons", "model_version"]


def test_clients_come_in_bounded_batches_and_the_answers_do_not_depend_on_them(
    score, clients, expected, monkeypatch
):
    clients.to_parquet("clients.parquet")
    sizes, answers = [], command.answers

    def watched(batches, *rest):
        def counted():
            for batch in batches:
                sizes.append(batch.num_rows)
                yield batch

        return answers(counted(), *rest)

    monkeypatch.setattr(command, "answers", watched)
    monkeypatch.setattr(command, "BATCH", 128)
    path = score("clients.parquet", "scores.parquet")
    same(pd.read_parquet(path), expected)
    assert max(sizes) <= 128
    assert sum(sizes) == 1000
    assert pq.ParquetFile(path).num_row_groups == len(sizes)


def test_only_what_the_contract_names_is_read(trained, clients, tmp_path):
    clients.assign(further=1).to_parquet(tmp_path / "clients.parquet")
    contract = fetch(str(trained.export), tmp_path).contract
    options = Scoring(data=str(tmp_path / "clients.parquet"), out="scores.parquet")
    opened = open_clients(contract, options, print)
    assert [*opened.table.columns] == ["row", *contract.columns]


def test_the_champion_of_the_registry_is_named_by_its_version(tracking, score, clients, expected):
    clients.to_parquet("clients.parquet")
    uri = "models:/credit-scoring@champion"
    found = pd.read_parquet(score("clients.parquet", "scores.parquet", "--model", uri))
    same(found, expected)
    version = tracking.get_model_version_by_alias("credit-scoring", "champion").version
    assert {*found["model_version"]} == {str(version)}


@pytest.mark.parametrize("ids", [["7", "007", "x"], [2**59, 5, 1]])
def test_ids_are_kept_as_they_are(score, clients, ids):
    clients.head(3).assign(row=ids).to_csv("clients.csv", index=False)
    found = pq.read_table(score("clients.csv", "scores.parquet"))
    assert found["row"].to_pylist() == ids


@pytest.mark.usefixtures("tracking")
def test_a_model_that_is_not_there(refused):
    assert refused(GERMAN, "--model", "nowhere").startswith("no model nowhere: ")
    assert "credit-scoring" in refused(GERMAN, "--model", "models:/credit-scoring@nobody")
    assert "other" in refused(GERMAN, "--model", "models:/other/1")


def test_a_folder_that_is_another_kind_of_model(refused, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other/MLmodel").write_text("flavors:\n  python_function: {}\n")
    assert "no contract" in refused(GERMAN, "--model", "other")


def test_data_that_is_not_there_or_has_no_known_column(refused, tmp_path):
    assert "nowhere.csv does not exist" in refused("nowhere.csv")
    assert "no application_test" in refused(".")
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert refused("x.csv") == "x has none of the model's columns"
    (tmp_path / "x.csv").write_text("age,duration\n")
    assert refused("x.csv") == "x has no rows"


def test_an_output_of_another_format(refused):
    assert refused(GERMAN, out="x.json") == "--out x.json must end in .csv, .csv.gz or .parquet"


def test_a_row_without_an_id_is_named(refused, clients):
    clients.assign(row=clients["row"].mask(clients.index == 700)).to_parquet("x.parquet")
    assert refused("x.parquet") == "row 700 of x has no row"


def test_a_value_in_parquet_that_cannot_be_read_is_named(refused, clients, monkeypatch):
    monkeypatch.setattr(command, "BATCH", 128)
    ages = clients["age"].astype(object).where(clients.index != 700, "old").astype(str)
    clients.assign(age=ages.where(clients.index == 700, None)).to_parquet("x.parquet")
    assert refused("x.parquet") == "row 700, column age: 'old' is not a number"


def test_a_value_in_csv_that_cannot_be_read_is_named_with_its_line(refused, clients):
    ages = clients["age"].astype(object).where(clients.index != 700, "old")
    clients.assign(age=ages).to_csv("x.csv", index=False)
    said = refused("x.csv")
    assert "line 702" in said
    assert "age" in said
    assert "old" in said


@pytest.mark.parametrize("option", [("--threshold", "2"), ("--reasons", "-1"), ("--threads", "0")])
def test_an_option_that_makes_no_sense(capsys, option):
    assert main(["--data", "x.csv", "--out", "y.csv", *option]) == 2
    assert option[0] in capsys.readouterr().err


def test_a_run_that_fails_keeps_the_answers_of_the_last_one(refused, score, clients):
    clients.to_parquet("x.parquet")
    before = score("x.parquet", "scores.parquet").read_bytes()
    ids = clients["row"].mask(clients.index == 999)
    clients.assign(row=ids).to_parquet("x.parquet")
    refused("x.parquet")
    with open("scores.parquet", "rb") as file:
        assert file.read() == before


def test_a_run_that_is_stopped_leaves_nothing_behind(trained, tmp_path, clients):
    code = (
        "import sys, time; from train import score\n"
        "answers = score.answers\n"
        "def slow(*given):\n"
        "    for answer in answers(*given):\n"
        "        yield answer\n"
        "        print('written', flush=True); time.sleep(60)\n"
        "score.answers, score.BATCH = slow, 128\n"
        "sys.exit(score.main(sys.argv[1:]))"
    )
    clients.to_parquet(tmp_path / "x.parquet")
    options = ["--data", "x.parquet", "--out", "s.parquet", "--model", str(trained.export)]
    with subprocess.Popen(
        [sys.executable, "-c", code, *options, "--threads", "1"],
        cwd=tmp_path,
        env=trained.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout.readline() == "written\n"
        assert not (tmp_path / "s.parquet").exists()
        child.send_signal(signal.SIGTERM)
    assert child.returncode == 128 + signal.SIGTERM
    assert os.listdir(tmp_path) == ["x.parquet"]
