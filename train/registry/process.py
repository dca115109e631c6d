"""Which process this is, so that another can tell whether it still lives."""

import hashlib
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from mlflow.entities import LoggedModelStatus, Run, RunStatus, ViewType
from mlflow.tracking import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

PREFIX = "process."
STAT_STARTED = 22
"""The field of /proc/<pid>/stat that holds the start, in clock ticks since boot: proc(5)."""

NO_CONTAINER = "pid:[4026531836]"
"""The namespace of a machine itself: PROC_PID_INIT_INO in Linux' include/linux/proc_ns.h."""


@dataclass(frozen=True)
class Process:
    """A process anywhere: `machine` says which one, `boot` since when that runs, `namespace` in
    which container, `pid` and `started` which process there. What cannot be known is empty."""

    machine: str
    boot: str
    namespace: str
    pid: str
    started: str

    @classmethod
    def current(cls) -> Self:
        """This one."""
        machine = _read(Path("/etc/machine-id")) + socket.gethostname()
        return cls(
            machine=hashlib.sha256(machine.encode()).hexdigest()[:16],
            boot=_read(Path("/proc/sys/kernel/random/boot_id")),
            namespace=_namespace(),
            pid=str(os.getpid()),
            started=_started(str(os.getpid())),
        )

    def tags(self) -> dict[str, str]:
        """For a run or a registered model: `process.machine` and so on."""
        return {PREFIX + name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Self | None:
        """The process that wrote `tags`, or None if they name none."""
        named = {name: tags.get(PREFIX + name, "") for name in cls.__annotations__}
        return cls(**named) if named["machine"] and named["pid"] else None

    @property
    def surely_gone(self) -> bool:
        """Whether it is certain that the process has ended.

        Never for one of another machine, nor for one of a container that may still run.
        """
        here = Process.current()
        if self.machine != here.machine or self.namespace != here.namespace:
            return False
        if self.boot != here.boot:  # containers of different machines may be called the same
            return self.namespace == NO_CONTAINER
        if not self.pid.isdigit() or not _exists(int(self.pid)):
            return True
        return bool(self.started) and _started(self.pid) not in ("", self.started)


def _namespace() -> str:
    """The one in which process ids count: another in every container."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it exists and belongs to someone else
        return True
    return True


def _started(pid: str) -> str:
    """Empty where there is no /proc, or no such process."""
    stat = _read(Path(f"/proc/{pid}/stat"))
    fields = stat.rpartition(")")[2].split()  # the name before it may hold blanks
    return fields[STAT_STARTED - 3] if fields else ""


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


RUNNING = "attributes.status = 'RUNNING'"


def close_stale_runs() -> list[str]:
    """Closes as KILLED every run of a process that has surely ended, with its nested runs.

    Returns their ids. Runs of other machines, and of processes that may still live, stay open.
    """
    client = MlflowClient()
    experiments = [found.experiment_id for found in client.search_experiments()]
    closed: list[str] = []
    for run in client.search_runs(experiments, RUNNING, ViewType.ACTIVE_ONLY):
        process = Process.from_tags(run.data.tags)
        parent = run.data.tags.get(MLFLOW_PARENT_RUN_ID)
        if (process and process.surely_gone) or (not process and _is_closed(client, parent)):
            _give_up_models(client, run)
            client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.KILLED))
            closed.append(run.info.run_id)
    return closed


def _is_closed(client: MlflowClient, parent: str | None) -> bool:
    """Whether a run without a process of its own belongs to a run that was killed."""
    if not parent:
        return False
    run = client.get_run(parent)
    process = Process.from_tags(run.data.tags)
    return bool(process and process.surely_gone)


def _give_up_models(client: MlflowClient, run: Run) -> None:
    """Marks as failed what the run was logging: nothing will finish it."""
    mine = f"source_run_id = '{run.info.run_id}'"
    for model in client.search_logged_models([run.info.experiment_id], mine):
        if model.status == LoggedModelStatus.PENDING:
            client.finalize_logged_model(model.model_id, LoggedModelStatus.FAILED)
