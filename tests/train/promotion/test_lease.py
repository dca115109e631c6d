"""One promotion at a time: by a lock beside a database file, by a lease in any other registry."""

import signal
import subprocess
import sys

import pytest

from train import tracking
from train.process import Process
from train.promotion.errors import BusyRegistry, LostLease
from train.promotion.lock import locked
from train.tracking.lease import leased

LEASE = "credit-scoring.promotion"
HOLD = """
import sys, time
from train import tracking
from train.promotion.lock import locked
from train.tracking.lease import leased
from pathlib import Path
tracking.connect()
with (locked(Path("lock"), 5) if sys.argv[1] == "lock" else leased(sys.argv[2], 5)):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(workplace, store):
    """Starts another process that holds a lock or a lease; it is killed at the end."""
    assert store
    started = []

    def start(kind):
        command = [sys.executable, "-c", HOLD, kind, LEASE]
        process = subprocess.Popen(
            command,
            cwd=workplace.folder,
            env=workplace.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=10)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)


def test_a_lock_keeps_other_processes_out_until_its_holder_is_killed(holder, workplace):
    process = holder("lock")
    with pytest.raises(BusyRegistry), locked(workplace.folder / "lock", patience=0.2):
        pass
    kill(process)
    with locked(workplace.folder / "lock", patience=5):
        pass


def test_a_lease_keeps_other_processes_out_until_its_holder_is_killed(holder, store):
    process = holder("lease")
    with pytest.raises(BusyRegistry, match=r"credit-scoring\.promotion"), leased(LEASE, 0.2):
        pass
    kill(process)
    with leased(LEASE, 5):
        assert Process.from_tags(store.get_registered_model(LEASE).tags) == Process.current()
    assert store.search_registered_models() == []


def test_a_lease_of_another_machine_is_taken_over_when_it_has_lasted_too_long(store):
    store.create_registered_model(LEASE, {"lease": "x", "process.machine": "y", "process.pid": "1"})
    with leased(LEASE, patience=5, lasts=0.1) as held:
        held.check()


def test_who_has_lost_a_lease_is_told_before_an_alias_moves_and_leaves_the_new_one(store):
    with leased(LEASE, 5) as held:
        store.set_registered_model_tag(LEASE, "lease", "of another")
        with pytest.raises(LostLease):
            held.check()
    assert store.get_registered_model(LEASE).tags["lease"] == "of another"


def test_a_database_file_needs_no_lease(store, workplace):
    with tracking.lease("credit-scoring"):
        assert store.search_registered_models() == []
        assert list(workplace.folder.glob("mlflow.db.*.lock"))
