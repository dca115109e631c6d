"""Whether a program is up, and whether it still responds."""

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from app.log import log_event
from app.process_group import ProcessGroup

PROBE_SECONDS, PROBE_TIMEOUT = 1.0, 5.0
_PING = b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Liveness(Protocol):
    """How a program is watched while it runs."""

    def is_up(self) -> bool:
        """Whether it has responded since it was started."""

    def kill_hung(self, group: ProcessGroup, seconds: float) -> None:
        """Kills what has not responded for `seconds`. Called several times a second."""

    def stop(self) -> None:
        """Called when the program has ended."""


class Unwatched:
    """A program that is up as soon as it runs, and never hangs."""

    def is_up(self) -> bool:
        return True

    def kill_hung(self, group: ProcessGroup, seconds: float) -> None:
        pass

    def stop(self) -> None:
        pass


class Probe:
    """Asks a server for `/ping` through its Unix socket, once a second, in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._up, self._silence, self._stopped = False, 0.0, Event()
        Thread(target=self._run, name="probe", daemon=True).start()

    def is_up(self) -> bool:
        return self._up

    def kill_hung(self, group: ProcessGroup, seconds: float) -> None:
        if self._up and self._silence >= seconds:
            log_event("scoring server hangs", silent_seconds=round(self._silence, 1))
            group.kill()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        """Counts the time of failed probes only: if this process itself was stopped, the server
        may have responded all the while."""
        while not self._stopped.wait(PROBE_SECONDS):
            started = time.monotonic()
            if self._responds():
                self._up, self._silence = True, 0.0
            else:
                took = min(time.monotonic() - started, PROBE_TIMEOUT)
                self._silence += PROBE_SECONDS + took

    def _responds(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PROBE_TIMEOUT)
            connection.connect(self._path)
            connection.sendall(_PING)
            return b" 200 " in connection.recv(64)
        return False


class Heartbeats:
    """The files that worker processes touch every second: `worker-PID` in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._silent: dict[Path, tuple[float, float]] = {}
        self._looked = time.monotonic()
        self.stop()

    def is_up(self) -> bool:
        return any(self._directory.glob("worker-*"))

    def kill_hung(self, group: ProcessGroup, seconds: float) -> None:  # noqa: ARG002 # kills workers
        now = time.monotonic()
        step, self._looked = min(now - self._looked, PROBE_SECONDS), now
        for file in self._directory.glob("worker-*"):
            pid = int(file.name.rpartition("-")[2])
            if not Path(f"/proc/{pid}").exists():
                file.unlink(missing_ok=True)
                continue
            with suppress(FileNotFoundError):
                touched = file.stat().st_mtime
                before, silence = self._silent.get(file, (touched, 0.0))
                silence = silence + step if before == touched else 0.0
                self._silent[file] = touched, silence
                if silence >= seconds:
                    log_event("worker hangs", pid=pid, silent_seconds=round(silence, 1))
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    file.unlink()

    def stop(self) -> None:
        for file in self._directory.glob("worker-*"):
            file.unlink(missing_ok=True)
