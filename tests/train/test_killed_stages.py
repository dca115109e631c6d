"""kill -9 at each stage: nothing half-registered, no alias moved, and the next training is well."""

import pickle
import signal
import sys

import mlflow
import pytest
from mlflow.entities import LoggedModelStatus

from tests.train.promotion.candidates import NAME, publish_small
from tests.train.served import QUICK, small_workplace
from train import tracking
from train.__main__ import main as train
from train.resume import main as resume

KILLED_AT = """
import builtins, importlib, sys, types

def before(*_, **__):
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)

def after(*arguments, **named):
    import builtins, os, signal
    builtins.stage(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)

when, module, name = sys.argv[1].split()
stage = getattr(importlib.import_module(module), name)
builtins.stage = types.FunctionType(stage.__code__, stage.__globals__, name, stage.__defaults__)
builtins.stage.__kwdefaults__ = stage.__kwdefaults__
stage.__defaults__ = stage.__kwdefaults__ = None
stage.__code__ = {"before": before, "after": after}[when].__code__

if sys.argv[2] == "train":
    from train.__main__ import main
    main(sys.argv[3:])
else:
    from tests.train.promotion.candidates import main
    main(*sys.argv[3:])
"""
WHOLE = {"gate", "gate.why", "model_digest", "promote"}


def kill_at(workplace, stage, *command):
    done = workplace.run(sys.executable, "-c", KILLED_AT, stage, *command)
    assert done.returncode == -signal.SIGKILL, done.stderr


def statuses(store):
    experiment = store.get_experiment_by_name(NAME).experiment_id
    return sorted(run.info.status for run in store.search_runs([experiment]))


def versions(store):
    return sorted(store.search_model_versions(f"name='{NAME}'"), key=lambda v: int(v.version))


def promoted(store):
    return str(store.get_model_version_by_alias(NAME, "champion").version)


def exported(workplace):
    return f"models:/{mlflow.models.Model.load(str(workplace.export)).model_id}"


@pytest.mark.parametrize(
    "stage",
    [
        "after train.data.tables open_tables",  # reading
        "after train.dataset encode",  # features
        "after train.fitting.fit judge",  # fitting
    ],
)
def test_a_training_killed_before_it_has_a_model_leaves_nothing(workplace, store, blank, stage):
    small_workplace(workplace.folder, blank)
    kill_at(workplace, stage, "train", *QUICK)
    assert store.search_registered_models() == []
    assert not workplace.export.exists()
    tracking.close_stale_runs()
    if store.get_experiment_by_name(NAME):
        assert set(statuses(store)) <= {"KILLED"}


def test_a_training_killed_while_it_logs_has_kept_its_model(
    workplace, store, blank, monkeypatch, capsys
):
    small_workplace(workplace.folder, blank)
    kill_at(workplace, "after scoring_model.artifacts save", "train", *QUICK)
    assert store.search_registered_models() == []
    (kept,) = (workplace.folder / "kept").iterdir()
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert train(["--data", "nowhere.csv", "--target", "y"]) == 2
    said = capsys.readouterr().err
    assert f"kept/{kept.name} holds a model that was trained and not handed over: python" in said
    assert resume([f"kept/{kept.name}"]) == 0
    assert "version 1 is champion, exported to champion" in capsys.readouterr().out
    assert statuses(store) == ["FINISHED", "KILLED"]
    assert exported(workplace) == store.get_model_version(NAME, "1").source
    assert not kept.parent.exists()


@pytest.fixture
def champion(workplace, store, small_artifacts):
    """Version 1, exported, and what the command needs to publish another."""
    publish_small(small_artifacts, workplace.export)
    model = workplace.folder / "artifacts"
    model.write_bytes(pickle.dumps(small_artifacts))
    (workplace.folder / "start").touch()
    return store.get_model_version(NAME, "1")


@pytest.mark.parametrize(
    ("stage", "registered", "alias", "folder"),
    [
        pytest.param(
            "after scoring_model.artifacts save", 1, "1", "1", marks=pytest.mark.long
        ),  # logging
        ("before train.tracking.registry register", 1, "1", "1"),  # registering
        pytest.param("after train.tracking.registry register", 2, "1", "1", marks=pytest.mark.long),
        pytest.param(
            "after train.tracking.model forget_paths", 2, "1", "1", marks=pytest.mark.long
        ),  # exporting
        pytest.param("after train.swap swap", 2, "1", "2", marks=pytest.mark.long),
        ("after train.tracking.registry promote", 2, "2", "2"),  # promoting
    ],
)
@pytest.mark.usefixtures("champion")
def test_a_promotion_killed_at_any_stage_is_whole_or_is_not(
    workplace, store, small_artifacts, stage, registered, alias, folder
):
    arguments = (workplace.folder / "artifacts", workplace.export, workplace.folder / "start")
    kill_at(workplace, stage, "publish", *map(str, arguments), "1")
    found = versions(store)
    assert len(found) == registered
    for version in found:
        assert version.tags.keys() >= WHOLE
        assert version.description == "# Card"
        assert mlflow.models.Model.load(version.source).flavors
    assert promoted(store) == alias
    assert exported(workplace) == store.get_model_version(NAME, folder).source

    assert len(tracking.close_stale_runs()) == 1
    assert statuses(store) == ["FINISHED", "KILLED"]
    assert pending(store) == []

    again = publish_small(small_artifacts, workplace.export)
    assert again.champion
    assert promoted(store) == again.version
    assert exported(workplace) == store.get_model_version(NAME, again.version).source
    left = [path.name for path in workplace.folder.iterdir() if path.name.startswith(".champion")]
    assert left == []


def pending(store):
    experiment = store.get_experiment_by_name(NAME).experiment_id
    models = store.search_logged_models([experiment])
    return [model for model in models if model.status == LoggedModelStatus.PENDING]
