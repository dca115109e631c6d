"""What the user can mend is one line on stderr and exit code 2, and leaves nothing behind."""

import signal
import subprocess
import sys

import mlflow
import pytest

from tests.trained import GERMAN
from train.__main__ import main


def one_line(capsys, *options):
    assert main([*options, "--export", "champion"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("train: ")] == lines[-1:]
    assert "Traceback" not in lines
    return lines[-1]


def runs(store):
    return store.search_runs([e.experiment_id for e in store.search_experiments()])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--data", "nowhere"), "nowhere does not exist"),
        (("--data", "."), "no application_train"),
        (("--data", str(GERMAN)), "--target"),
        (("--data", str(GERMAN), "--target", "klass"), "klass"),
        (("--data", str(GERMAN), "--target", "class"), "--positive"),
        (("--data", str(GERMAN), "--target", "housing"), "housing"),
        (("--data", str(GERMAN), "--target", "class", "--positive", "ugly"), "ugly"),
        (("--data", str(GERMAN), "--target", "class", "--positive", "bad", "--id", "age"), "age"),
        (("--data", str(GERMAN), "--target", "class", "--positive", "bad", "--exclude", "x"), "x"),
    ],
)
def test_data_that_cannot_be_used(workplace, store, capsys, options, said):
    assert said in one_line(capsys, *options)
    assert runs(store) == []
    assert not workplace.export.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x,y\n", "no rows"),
        ("y\n" + "0\n1\n" * 50, "no column"),
        ("x,y\n" + "1,0\n" * 50 + "2,1\n", "too few"),
        ("x,y\n1,0\n2,\n3,1\n", "y"),
    ],
)
def test_tables_with_nothing_to_learn_from(workplace, store, capsys, content, said):
    (workplace.folder / "data.csv").write_text(content)
    assert said in one_line(capsys, "--data", "data.csv", "--target", "y")
    assert runs(store) == []


def test_a_tracking_store_that_does_not_answer(capsys, german_options):
    uri = "http://127.0.0.1:9"
    mlflow.set_tracking_uri(uri)
    assert uri in one_line(capsys, *german_options)


@pytest.mark.parametrize(
    "options",
    [
        ("--folds", "1"),
        ("--folds", "2.5"),
        ("--cost-ratio", "-3"),
        ("--cost-ratio", "nan"),
        ("--cost-ratio", "x"),
        ("--holdout", "0.6"),
        ("--monotone", "Age:up"),
        ("--promote", "perhaps"),
        ("--nonsense",),
    ],
)
def test_an_option_that_makes_no_sense(capsys, options):
    assert options[0] in one_line(capsys, *options)


def test_a_training_that_is_stopped_leaves_no_run_open_and_no_model(
    workplace, store, german_options, monkeypatch
):
    command = [sys.executable, "-m", "train", *german_options, "--threads", "1"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", workplace.tracking_uri)
    monkeypatch.setenv("PYTHONPATH", str(GERMAN.parents[2]))
    with subprocess.Popen(
        command, cwd=workplace.folder, stderr=subprocess.PIPE, text=True
    ) as child:
        for line in child.stderr:
            if line.startswith("fitting fold 1"):
                child.send_signal(signal.SIGTERM)
                break
        child.stderr.read()
    assert child.returncode != 0
    assert {run.info.status for run in runs(store)} == {"FAILED"}
    assert store.search_registered_models() == []
    assert not workplace.export.exists()
