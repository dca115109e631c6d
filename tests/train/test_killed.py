"""A training that is killed leaves no alias moved, and its run is closed by the next one."""

import subprocess
import sys
from dataclasses import replace

import mlflow
import pytest

from tests.train.served import QUICK, small_workplace, started, wait_for
from train.registry import process
from train.registry.process import Process

NAME = "credit-scoring"


@pytest.fixture
def gone():
    """A process of this machine that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait(timeout=30)
    return replace(Process.current(), pid=str(child.pid))


def open_run(store, process, **tags):
    experiment = mlflow.set_experiment(NAME).experiment_id
    return store.create_run(experiment, tags=(process.tags() if process else {}) | tags).info.run_id


def status(store, run):
    return store.get_run(run).info.status


def test_this_process_is_not_gone():
    assert not Process.current().surely_gone


def test_a_process_that_has_ended_is_gone(gone):
    assert gone.surely_gone


def test_a_process_whose_id_another_bears_now_is_gone():
    assert replace(Process.current(), started="1").surely_gone


def test_nothing_is_sure_of_another_machine_or_of_another_container(gone):
    assert not replace(gone, machine="elsewhere").surely_gone
    assert not replace(gone, namespace="pid:[1]").surely_gone


def test_a_process_is_told_by_its_tags():
    here = Process.current()
    assert Process.from_tags(here.tags()) == here
    assert Process.from_tags({}) is None


def test_only_runs_of_processes_that_are_gone_are_closed(store, gone):
    killed = open_run(store, gone)
    nested = open_run(store, None, **{"mlflow.parentRunId": killed})
    others = [
        open_run(store, Process.current()),
        open_run(store, replace(gone, machine="elsewhere")),
        open_run(store, None),
    ]
    assert set(process.close_stale_runs()) == {killed, nested}
    assert {status(store, run) for run in (killed, nested)} == {"KILLED"}
    assert {status(store, run) for run in others} == {"RUNNING"}
    assert process.close_stale_runs() == []


@pytest.mark.long
def test_a_killed_training_can_be_run_again(workplace, store, blank):
    small_workplace(workplace.folder, blank)
    training = started(workplace, workplace.tracking_uri)
    wait_for(training, "fitting fold 1")
    training.kill()
    training.communicate(timeout=30)
    assert store.search_registered_models() == []
    assert not workplace.export.exists()
    assert not (workplace.folder / "kept").exists()
    done = workplace.run(sys.executable, "-m", "train", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "was left open by a training that was killed: closed" in done.stderr
    experiment = store.get_experiment_by_name(NAME).experiment_id
    statuses = sorted(run.info.status for run in store.search_runs([experiment]))
    assert statuses == ["FINISHED", "KILLED"]
    assert str(store.get_model_version_by_alias(NAME, "champion").version) == "1"
