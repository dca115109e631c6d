"""What /proc says of the processes of a service."""

import contextlib
import re
import time
from contextlib import suppress
from pathlib import Path

START_SECONDS = 120
"""How long a test may wait for what takes seconds on an idle machine."""


def until(condition, seconds=START_SECONDS):
    """The first true value of `condition()`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.05)
    return value


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def descendants(pid):
    """Process ids below `pid`, parents first."""
    children = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        children = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [one for child in children for one in (child, *descendants(child))]


def command_of(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def megabytes(pid, measure="RssAnon"):
    """Of memory: `RssAnon` (its own, without the pages of files, which others share), `VmRSS`, or
    `VmHWM` (the highest)."""
    found = re.search(rf"^{measure}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found[1]) / 1024


@contextlib.contextmanager
def growing_less_than(limit, service):
    """No process of the service has at any moment `limit` megabytes more than it had before."""
    before = {pid: megabytes(pid, "VmRSS") for pid in descendants(service.process.pid)}
    for pid in before:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # forgets the highest so far
    yield
    grown = {pid: megabytes(pid, "VmHWM") - size for pid, size in before.items()}
    print(f"grown by at most {max(grown.values()):.0f} MB")
    assert max(grown.values()) < limit, grown


def listening_addresses(pid):
    """(address, port) of the TCP sockets that listen, the address as /proc writes it."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if found := re.match(r"socket:\[(\d+)\]", str(link.readlink())):
                sockets.add(found[1])
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                address, _, port = fields[1].partition(":")
                yield address, int(port, 16)
