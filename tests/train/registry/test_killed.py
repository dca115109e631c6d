"""kill -9 while a model is registered: nothing is half registered, no model is lost."""

import signal
import sys

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from tests.train.registry.candidates import NAME, publish_small, save_small
from train.registry import runs
from train.registry.saved import unregistered
from train.resume import main as resume

KILLS = {
    "while its files are logged": ("shutil.copyfile", "out_of_fold"),
    "while the export is prepared": ("shutil.copytree", ".champion.new"),
    "before the export is renamed": ("os.rename", ".champion.old"),
    "between the renames of the export": ("os.rename", ".champion.new"),
    "after the alias has moved": ("shutil.rmtree", "kept"),
}
PROMOTED = "after the alias has moved"


def exported(folder):
    return f"models:/{mlflow.models.Model.load(str(folder)).model_id}"


@pytest.mark.long
@pytest.mark.parametrize("stage", KILLS)
def test_a_registration_killed_at_any_stage_can_be_resumed(
    workplace, store, small_artifacts, capsys, stage
):
    publish_small(small_artifacts, workplace.export)
    with runs.training_run(NAME, "killed", {}) as run_id:
        folder = save_small(small_artifacts, workplace.export, run_id)
    command = (sys.executable, "-m", "tests.train.registry.candidates")
    done = workplace.run(*command, *KILLS[stage], str(folder))
    assert done.returncode == -signal.SIGKILL, done.stderr
    promoted = store.get_model_version_by_alias(NAME, "champion")
    assert str(promoted.version) == ("2" if stage == PROMOTED else "1")
    for version in store.search_model_versions(f"name='{NAME}'"):
        assert version.tags.keys() >= {"gate", "gate.why", "model_digest", "manifest_sha256"}
        assert version.description
        assert mlflow.models.Model.load(version.source).flavors
    assert [*unregistered()] == [folder]

    assert resume([str(folder)]) == 0
    said = capsys.readouterr().out
    assert "champion" in said
    now = store.get_model_version_by_alias(NAME, "champion")
    assert exported(workplace.export) == now.source
    assert not folder.exists()
    assert not [path for path in workplace.folder.iterdir() if path.name.startswith(".champion")]
    assert store.get_run(run_id).info.status == "FINISHED"
    if stage != PROMOTED:
        assert now.run_id == run_id
        assert int(now.version) > 1


def test_a_model_whose_store_failed_is_registered_later(workplace, store, small_artifacts, capsys):
    database = workplace.folder / "mlflow.db"
    with runs.training_run(NAME, "small", {}) as run_id:
        folder = save_small(small_artifacts, workplace.export, run_id)
    away = database.rename(workplace.folder / "away.db")
    database.mkdir()  # what cannot be opened as a database
    assert resume([str(folder)]) == 2
    assert "tracking store" in capsys.readouterr().err
    assert folder.exists()
    database.rmdir()
    away.rename(database)
    assert resume([str(folder)]) == 0
    assert "version 1 is champion" in capsys.readouterr().out
    assert store.get_model_version_by_alias(NAME, "champion").run_id == run_id


def test_a_run_that_the_store_does_not_know_is_made_again(workplace, store, small_artifacts):
    folder = save_small(small_artifacts, workplace.export, "0" * 32)
    assert resume([str(folder)]) == 0
    run_id = store.get_model_version_by_alias(NAME, "champion").run_id
    assert run_id != "0" * 32
    assert store.get_run(run_id).info.run_name == "small, 500 clients"
    with pytest.raises(MlflowException):
        store.get_run("0" * 32)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("content", [None, "no JSON", '{"a": 1}'])
def test_a_folder_without_a_model_is_one_line(tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    assert resume([str(tmp_path)]) == 2
    assert f"{tmp_path} holds no trained model" in capsys.readouterr().err
