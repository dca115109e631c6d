"""A machine of 512 MB on which nothing but one folder can be written, as Heroku's smallest."""

import contextlib
import os
from pathlib import Path

LIMIT_MB = 512
CONTROLLERS = {
    Path("/sys/fs/cgroup/memory"): ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
    Path("/sys/fs/cgroup"): ("memory.max", "memory.peak"),
}
SCRIPT = """
{join}
mount --make-rprivate / && mount -o remount,bind,ro / || exit 77
mount -t tmpfs -o size=64m,mode=1777 tmpfs {writable} || exit 77
exec {command}
"""


@contextlib.contextmanager
def memory_group(name):
    """(a shell command that joins it, a function that gives its peak in MB) of a control group
    with the limit; (":", None) where none can be made."""
    group, peak = next(_groups(name), (None, None))
    if group is None:
        yield ":", None
        return
    try:
        yield f"echo $$ > {group}/cgroup.procs", lambda: int((group / peak).read_text()) / 2**20
    finally:
        group.rmdir()


def _groups(name):
    for root, (limit, peak) in CONTROLLERS.items():
        with contextlib.suppress(OSError):
            (root / name).mkdir()
            (root / name / limit).write_text(str(LIMIT_MB * 2**20))
            yield root / name, peak


def command(run, writable, join):
    """`run` on such a machine."""
    script = SCRIPT.format(join=join, writable=writable, command=run)
    return ["unshare", "-m", "sh", "-c", script]


def memory_mb(pids):
    """Proportional set size of these processes together: what they hold, shared pages once."""
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def can_be_made():
    """Whether this user may make one."""
    return os.getuid() == 0
