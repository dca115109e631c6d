"""A server under test: started, asked until it answers, weighed, and stopped with its children."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving.load import ask

LONGEST_START = 120.0
STOPPING = 5.0


class DidNotStart(Exception):
    """The server ended or did not answer; its log says why."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"no answer, see {log}")


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Held(NamedTuple):
    """Memory (PSS), open files and threads of a server with all its processes."""

    megabytes: float
    files: int
    threads: int


class Process:
    """Runs `command` in a session of its own, with its output in `log`."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], folder: Path, log: Path
    ) -> None:
        self._log = log
        self._started = time.perf_counter()
        with log.open("wb") as output:
            self._leader = subprocess.Popen(
                command,
                env=environ,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def first_answer(self, port: int, path: str, body: bytes) -> float:
        """Seconds from the start to the first 200. Raises DidNotStart."""
        deadline = self._started + LONGEST_START
        while time.perf_counter() < deadline and self._leader.poll() is None:
            with contextlib.suppress(OSError):
                if ask(port, path, body) == 200:
                    return time.perf_counter() - self._started
            time.sleep(0.02)
        raise DidNotStart(self._log)

    def memory(self) -> float:
        """MB of all its processes, what they share counted once (PSS)."""
        return sum(map(_pss, self._family())) / 1024

    def held(self) -> Held:
        """What all its processes hold now."""
        family = [*self._family()]
        files = sum(_count(pid, "fd") for pid in family)
        return Held(self.memory(), files, sum(_count(pid, "task") for pid in family))

    def stop(self) -> None:
        """Politely, then not."""
        family = list(self._family())
        self._leader.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._leader.wait(STOPPING)
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._leader.wait()

    def _family(self) -> Iterator[int]:
        return _with_descendants(self._leader.pid)


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _with_descendants(int(child))


def _count(pid: int, folder: str) -> int:
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/{folder}"))
    return 0


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
