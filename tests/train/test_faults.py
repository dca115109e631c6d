"""A database that stays locked, a disk that is full."""

import shutil
import sqlite3
import stat
import subprocess
import sys

import mlflow
import pyarrow.csv as pc
import pytest

from tests.train.made import table
from tests.train.promotion.candidates import NAME
from train import tracking
from train.__main__ import main
from train.resume import main as resume


@pytest.fixture
def train(workplace):
    """The command that trains on a small table, in the workplace or in another folder."""
    pc.write_csv(table(clients=200, columns=3), workplace.folder / "clients.csv")
    data = ("--data", str(workplace.folder / "clients.csv"), "--id", "id", "--target", "y")
    command = (sys.executable, "-m", "train", *data, "--folds", "2", "--threads", "1")
    return (*command, "--promote", "always", "--export", "champion")


def started(workplace, command, **environment):
    return subprocess.Popen(
        command,
        cwd=workplace.folder,
        env=workplace.environment | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.long
def test_a_database_that_stays_locked_is_one_line_and_what_was_trained_is_handed_over_later(
    workplace, store, train, monkeypatch
):
    child = started(workplace, train)
    said = ""
    while not said.startswith("fitting fold 2"):
        said = child.stderr.readline()
        assert said, "the training ended too early"
    other = sqlite3.connect(workplace.folder / "mlflow.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    _, errors = child.communicate(timeout=200)
    other.execute("ROLLBACK")
    other.close()
    assert child.returncode == 2
    last = errors.splitlines()[-1]
    assert "has failed: database is locked; the trained model is kept, python -m train.r" in last
    assert "Traceback" not in errors
    assert store.search_registered_models() == []
    assert not workplace.export.exists()
    (kept,) = (workplace.folder / "kept").iterdir()
    assert f"kept/{kept.name} hands it over" in last
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert resume([f"kept/{kept.name}"]) == 0
    version = store.get_model_version_by_alias(NAME, "champion")
    assert version.tags["gate.same_scores"] == "passed 0"
    digest = version.tags["model_digest"]
    assert f"models:/{exported(workplace).model_id}" == version.source
    assert not kept.parent.exists()

    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main(train[3:]) == 0
    after = store.get_model_version_by_alias(NAME, "champion")
    assert (str(after.version), after.tags["model_digest"]) == ("2", digest)
    experiment = store.get_experiment_by_name(NAME).experiment_id
    runs = store.search_runs([experiment], order_by=["attributes.start_time"])
    assert [run.info.status for run in runs[1:]] == ["FINISHED", "FINISHED"]
    assert runs[0].info.status in ("KILLED", "FAILED")
    assert runs[1].data.tags["trained_in_run"] == runs[0].info.run_id
    assert runs[1].data.metrics == runs[2].data.metrics


def exported(workplace):
    return mlflow.models.Model.load(str(workplace.export))


FULL = """
set -e
mount -t tmpfs -o size=$1 tmpfs disk
cp mlflow.db disk/
cd disk
shift
code=0
"$@" || code=$?
cp mlflow.db ../after.db
ls champion 2> /dev/null || true
exit $code
"""


@pytest.mark.long
def test_a_full_disk_is_one_line_and_leaves_no_version(workplace, store, train):
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount is allowed here")
    (workplace.folder / "disk").mkdir()
    room = (workplace.folder / "mlflow.db").stat().st_size // 1024 + 300
    uri = f"sqlite:///{workplace.folder}/disk/mlflow.db"
    command = ("unshare", "-rm", "sh", "-c", FULL, "sh", f"{room}k", *train)
    done = workplace.run(*command, MLFLOW_TRACKING_URI=uri, PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 2, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"train: the tracking store {uri} has failed: ")
    assert "No space left on device" in last or "disk is full" in last
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    shutil.copy(workplace.folder / "after.db", workplace.folder / "mlflow.db")
    assert store.search_model_versions(f"name='{NAME}'") == []
    tracking.close_stale_runs()
    experiment = store.get_experiment_by_name(NAME).experiment_id
    assert {run.info.status for run in store.search_runs([experiment])} <= {"KILLED", "FAILED"}
