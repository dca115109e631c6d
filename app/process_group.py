"""A program with all processes that it starts, in a process group that cannot outlive this one."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

WATCHDOG = 'read -r _ || kill -s KILL -- "-$1"'
"""Waits for a line, which means that the group has ended, or for the end of its input, which means
that its parent has: the kernel closes a pipe however its owner dies."""

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}

ECHO = b"returned non zero return code"
"""How `mlflow models serve` ends after its own child has said why."""


class ProcessGroup:
    """Starts `command` in a process group of its own.

    With `shielded`, the group never receives SIGTERM: a platform that sends it to every process at
    once must not take the scoring server away from requests that are being answered. Its output is
    then not printed, and only `reason` is kept of it.
    """

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], *, shielded: bool = False
    ) -> None:
        with _blocked(STOP_SIGNALS if shielded else set()):
            self._leader = subprocess.Popen(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if shielded else None,
                stderr=subprocess.STDOUT if shielded else None,
                start_new_session=True,
            )
        with _blocked(STOP_SIGNALS):
            self._watchdog = subprocess.Popen(
                ["/bin/sh", "-c", WATCHDOG, "watchdog", str(self._leader.pid)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._last_line: deque[bytes] = deque(maxlen=1)
        if self._leader.stdout:
            os.set_blocking(self._leader.stdout.fileno(), False)

    def exit_code(self) -> int | None:
        """None while it runs; negative for a signal."""
        return self._leader.poll()

    def read_output(self) -> None:
        """Reads what it has written, so that it never waits for a reader."""
        output = self._leader.stdout
        while output and not output.closed and (chunk := output.read(65536)):
            self._last_line.extend(line for line in chunk.splitlines() if _is_message(line))

    def reason(self) -> str:
        """The last line that it wrote outside of a traceback: for Python, the exception."""
        lines = self._last_line
        return lines[-1].decode(errors="replace") if lines else "no reason given"

    def terminate(self) -> None:
        """Sends SIGTERM to the leader."""
        with suppress(ProcessLookupError):
            self._leader.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kills what is left of the group, and waits for the leader. May be called twice."""
        if self._watchdog.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader.pid, signal.SIGKILL)
        self._leader.wait()
        self.read_output()
        with suppress(BrokenPipeError):
            self._watchdog.communicate(b"ended\n")
        if self._leader.stdout:
            self._leader.stdout.close()


def child_environ() -> dict[str, str]:
    """This environment, with this Python's programs first: MLflow starts uvicorn by name."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def _is_message(line: bytes) -> bool:
    """Not the body of a traceback, which is indented."""
    return line[:1].strip() != b"" and not line.startswith(b"Traceback") and ECHO not in line


@contextmanager
def _blocked(signals: set[signal.Signals]) -> Iterator[None]:
    """A new process inherits the signal mask; Python and uvicorn never unblock a signal."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
